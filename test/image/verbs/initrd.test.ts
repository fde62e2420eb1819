import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { writeCpio } from '../../../image/disk/cpio.ts'
import { run } from '../../../image/spawn.ts'
import { verb } from '../../../image/verbs/initrd.ts'
import { find, lacking } from '../disk/tools.ts'
import { steps } from './call.ts'

describe('verb initrd', () => {
  const { at, call, end } = steps()
  after(end)
  mkdirSync(at('tree', 'dev'), { recursive: true })
  writeFileSync(at('tree', 'init'), '#!/bin/sh\n')
  chmodSync(at('tree', 'init'), 0o700)
  writeFileSync(at('tree', 'plain'), 'text')
  chmodSync(at('tree', 'plain'), 0o600)
  symlinkSync('plain', at('tree', 'link'))

  it('packs files, links and listed devices with fixed owners, modes and times', async () => {
    writeFileSync(
      at('devices'),
      '# the console\nc 600 5 1 dev/console\n\nb 0660 8 0 dev/sda # disk\n',
    )
    await call(verb, 'tree out.cpio --devices devices --time 99')
    const expected = writeCpio(
      [
        { path: 'dev', mode: 0o040755 },
        { path: 'dev/console', mode: 0o020600, device: [5, 1] },
        { path: 'dev/sda', mode: 0o060660, device: [8, 0] },
        { path: 'init', mode: 0o100755, data: Buffer.from('#!/bin/sh\n') },
        { path: 'link', mode: 0o120777, data: Buffer.from('plain') },
        { path: 'plain', mode: 0o100644, data: Buffer.from('text') },
      ],
      99,
    )
    assert.ok(readFileSync(at('out.cpio')).equals(expected))
  })

  it('takes the time of the build when none is given', async () => {
    await call(verb, 'tree a.cpio')
    await call(verb, 'tree b.cpio --time 1700000000')
    assert.ok(readFileSync(at('a.cpio')).equals(readFileSync(at('b.cpio'))))
  })

  it('names the line of a device it can not read', async () => {
    for (const line of ['c 600 5 1', 'p 600 5 1 dev/x', 'c 999 5 1 dev/x', 'c 600 -1 1 dev/x']) {
      writeFileSync(at('bad'), `\n${line}\n`)
      await assert.rejects(call(verb, 'tree out.cpio --devices bad'), /line 2 of the devices/)
    }
  })

  it('refuses pipes and sockets', { skip: lacking('mkfifo') }, async () => {
    mkdirSync(at('odd'))
    await run(find('mkfifo')!, [at('odd', 'pipe')])
    await assert.rejects(call(verb, 'odd out.cpio'), /pipe is no file, folder or link/)
  })
})
