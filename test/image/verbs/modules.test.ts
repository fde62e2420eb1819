/** `modules` and `initrd-modules` on a small tree of modules as depmod(8) lists them. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb as initrd } from '../../../image/verbs/initrd-modules.ts'
import { verb as modules } from '../../../image/verbs/modules.ts'
import { steps, type Steps } from './call.ts'

/** `drivers/md/dm-mod`, compressed by xz. */
const XZ =
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAQZHJpdmVycy9tZC9kbS1tb2QAAAAAdpFn8/zgrckAASkRMgpwDh+2830BAAAAAARZWg=='
const noXz = spawnSync('xz', ['--version']).status === 0 ? false : 'there is no xz here'

let s: Steps
beforeEach(() => {
  s = steps()
  put('modules.builtin', 'kernel/fs/ext4/ext4.ko\nkernel/drivers/char/hw-random.ko\n')
  put(
    'modules.dep',
    [
      'kernel/fs/erofs/erofs.ko: kernel/lib/crc.ko kernel/lib/base.ko',
      'kernel/lib/crc.ko: kernel/lib/base.ko',
      'kernel/lib/base.ko:',
      'kernel/drivers/md/dm-mod.ko.xz: kernel/lib/base.ko',
      'kernel/drivers/net/odd.ko.zst:',
    ].join('\n'),
  )
  for (const name of ['fs/erofs/erofs.ko', 'lib/crc.ko', 'lib/base.ko', 'drivers/net/odd.ko.zst'])
    put(`kernel/${name}`, name)
  put('kernel/drivers/md/dm-mod.ko.xz', Buffer.from(XZ, 'base64'))
})
afterEach(() => s.end())

function put(path: string, text: string | Buffer) {
  const file = s.at('lib/6.12', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

describe('initrd-modules', () => {
  const order = () => readFileSync(s.at('i/modules.order'), 'utf8').split('\n').filter(Boolean)

  it('puts modules and their needs flat into a folder, each after what it needs', async () => {
    await s.call(initrd, 'lib i erofs')
    assert.deepEqual(order(), ['base.ko', 'crc.ko', 'erofs.ko'])
    assert.deepEqual(readdirSync(s.at('i/modules')).sort(), ['base.ko', 'crc.ko', 'erofs.ko'])
    assert.equal(readFileSync(s.at('i/modules/crc.ko'), 'utf8'), 'lib/crc.ko')
  })

  it('keeps the order that is asked for where needs allow it, each once', async () => {
    await s.call(initrd, 'lib i crc erofs base crc')
    assert.deepEqual(order(), ['base.ko', 'crc.ko', 'erofs.ko'])
  })

  it('decompresses', { skip: noXz }, async () => {
    await s.call(initrd, 'lib i dm_mod')
    assert.equal(readFileSync(s.at('i/modules/dm_mod.ko'), 'utf8'), 'drivers/md/dm-mod')
  })

  it('needs no file for what is built in, and no modules at all', async () => {
    await s.call(initrd, 'lib i ext4 hw_random')
    assert.deepEqual(order(), [])
    rmSync(s.at('lib/6.12/modules.dep'))
    await s.call(initrd, 'lib i')
    await assert.rejects(s.call(initrd, 'lib i erofs'), /erofs is neither among the modules nor/)
  })

  it('refuses what it cannot find or read', async () => {
    await assert.rejects(
      s.call(initrd, 'lib i nvme'),
      /nvme is neither among the modules nor built into 6\.12/,
    )
    await assert.rejects(s.call(initrd, 'lib i odd'), /odd\.ko\.zst is compressed in a way/)
    await assert.rejects(s.call(initrd, 'lib'), /expected: initrd-modules FROM OUT NAME…/)
    mkdirSync(s.at('lib/6.13'))
    await assert.rejects(
      s.call(initrd, 'lib i erofs'),
      /lib holds 6\.12, 6\.13, expected one kernel/,
    )
    mkdirSync(s.at('none'))
    await assert.rejects(s.call(initrd, 'none i erofs'), /none holds nothing, expected one/)
  })
})

describe('modules', () => {
  it('refuses what it cannot find, before it runs anything', async () => {
    await assert.rejects(s.call(modules, 'lib out'), /expected: modules FROM TO GLOB…/)
    await assert.rejects(
      s.call(modules, 'lib out =nvme'),
      /nvme is neither a module nor built into 6\.12/,
    )
    mkdirSync(s.at('lib/6.13'))
    await assert.rejects(
      s.call(modules, 'lib out fs/**'),
      /lib holds 6\.12, 6\.13, expected one kernel/,
    )
  })

  it('asks for the programs it needs by name', async () => {
    await assert.rejects(s.call(modules, 'lib out fs/**', { PATH: join(s.folder, 'none') }), {
      code: 'SPAWN_NOT_FOUND',
      message: /^(modinfo|depmod) is not installed or not on the PATH$/,
    })
  })
})
