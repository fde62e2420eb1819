import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { describe as describeTarget } from '../../../image/cli/flash.ts'
import { memory } from '../../../image/disk/bytes.ts'
import { parseGpt } from '../../../image/disk/gpt-parse.ts'
import { MIB } from '../../../image/disk/layout.ts'
import { run, start } from '../../../image/spawn.ts'
import { addBmap, smallImage } from '../disk/flash-image.ts'
import { find, lacking } from '../disk/tools.ts'

const MAIN = join(import.meta.dirname, '../../../image/cli/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'flash-'))
after(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)
const image = smallImage(folder, 'bt.img')
addBmap(image)

function empty(name: string, bytes: number): string {
  writeFileSync(at(name), '')
  truncateSync(at(name), bytes)
  return at(name)
}

/** Runs `bt flash` as a user does; gives exit code and what it said. */
async function bt(...args: string[]) {
  const child = start(process.execPath, [MAIN, 'flash', ...args])
  let [out, err] = ['', '']
  child.stdout!.on('data', (data: Buffer) => (out += data))
  child.stderr!.on('data', (data: Buffer) => (err += data))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, out, err }
}

/** The same on a terminal of its own, with an answer typed in. */
async function onTerminal(answer: string, ...args: string[]) {
  const line = [process.execPath, MAIN, 'flash', ...args].map(word => `'${word}'`).join(' ')
  const child = start(find('script')!, ['-qec', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  let sent = false
  child.stdout!.on('data', (data: Buffer) => {
    out += data
    if (!sent && out.includes('Type yes to go on')) {
      sent = true
      child.stdin!.write(answer)
    }
  })
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, out }
}

describe('bt flash', () => {
  it('writes, checks, and says so in one line', async () => {
    const { code, out, err } = await bt(at('bt.img'), empty('disk', 12 * MIB), '--yes')
    assert.equal(code, 0, err)
    assert.match(out, /^\S+disk: \d\.\d MB in .*compared/)
    assert.match(err, /ok write .* at .*\/s\nok verify /)
    assert.equal(parseGpt(memory(readFileSync(at('disk')))).partitions[0]!.label, 'esp')
  })

  it('gives JSON', async () => {
    const args = [at('bt.img.zst'), empty('disk', 12 * MIB), '--yes', '--json', '--no-verify']
    const { code, out } = await bt(...args)
    assert.equal(code, 0)
    const { written, seconds, ...rest } = JSON.parse(out)
    assert.deepEqual(rest, {
      image: at('bt.img.zst'),
      device: at('disk'),
      model: '',
      serial: '',
      map: 'bmap',
      verified: 'no',
    })
    assert.ok(written > 3 * MIB && seconds >= 0)
  })

  it('does nothing without --yes where nobody can answer', async () => {
    const { code, out, err } = await bt(at('bt.img'), empty('disk', 12 * MIB))
    assert.equal(code, 1)
    assert.equal(out, '')
    assert.match(err, /everything on .*disk \(a file of 12\.6 MB\) would be lost.* add --yes/)
    assert.ok(readFileSync(at('disk')).every(byte => byte === 0))
    const json = await bt(at('bt.img'), at('disk'), '--json')
    assert.equal(JSON.parse(json.out).error.code, 'FLASH_NOT_CONFIRMED')
  })

  it('asks on a terminal, and takes only yes for yes', { skip: lacking('script') }, async () => {
    for (const answer of ['y\n', '\x04']) {
      const { code, out } = await onTerminal(answer, at('bt.img'), empty('disk', 12 * MIB))
      assert.equal(code, 1, out)
      assert.match(out, /not confirmed: .*disk is as it was/)
      assert.ok(readFileSync(at('disk')).every(byte => byte === 0))
    }
    const { code, out } = await onTerminal('yes\n', at('bt.img'), empty('disk', 12 * MIB))
    assert.equal(code, 0, out)
    assert.match(out, /Everything on .*disk .* will be lost\./)
  })

  it('stops at Ctrl-C while it asks', { skip: lacking('script') }, async () => {
    const { code } = await onTerminal('\x03', at('bt.img'), empty('disk', 12 * MIB))
    assert.equal(code, 130)
    assert.ok(readFileSync(at('disk')).every(byte => byte === 0))
  })

  it('fails with one line about what is wrong, before it asks', async () => {
    const small = await bt(at('bt.img'), empty('disk', 4 * MIB))
    assert.equal(small.code, 1)
    assert.match(small.err, /^bt: \S+disk has 4194304 bytes, the image needs 8388608\n$/)
    const nothing = await bt(at('none'), at('disk'))
    assert.match(nothing.err, /^bt: there is no image/)
    const arguments_ = await bt(at('bt.img'))
    assert.equal(arguments_.code, 2)
  })

  it('describes a disk by what is known of it', () => {
    const disk = { path: '/dev/sdb', kind: 'disk', bytes: 32e9, removable: true } as const
    assert.equal(
      describeTarget({ ...disk, model: 'Ultra Fit', serial: '4C53', partitions: [] }),
      '/dev/sdb (Ultra Fit, serial 4C53, 32.0 GB, removable, no partitions)',
    )
    const sdb1 = {
      name: 'sdb1',
      number: '8:17',
      title: 'sdb1',
      kind: 'partition',
      size: 1e9,
    } as const
    assert.equal(
      describeTarget({ ...disk, model: '', serial: '', removable: false, partitions: [sdb1] }),
      '/dev/sdb (unknown model, no serial number, 32.0 GB, not removable, partitions sdb1 1.0 GB)',
    )
  })
})

const needsRoot = process.getuid?.() === 0 ? lacking('losetup', 'mkfs.ext4', 'mount') : 'needs root'
/** Some containers are root and have no loop devices. */
const loops = needsRoot || (await loopDevices())

async function loopDevices(): Promise<string | false> {
  try {
    await run(find('losetup')!, ['-f'])
    return false
  } catch (error) {
    return `no loop devices: ${(error as Error).message}`
  }
}

describe('bt flash on a block device', { skip: loops }, () => {
  const attach = async (file: string, ...options: string[]) => {
    const { stdout } = await run(find('losetup')!, ['-f', '--show', ...options, file])
    return stdout.toString().trim()
  }
  const detach = (device: string) => run(find('losetup')!, ['-d', device])

  it('writes and reads back past the cache', async () => {
    const device = await attach(empty('loop', 16 * MIB))
    try {
      const { code, out, err } = await bt(at('bt.img'), device, '--yes', '--json')
      assert.equal(code, 0, err)
      assert.equal(JSON.parse(out).verified, 'disk')
      assert.match(JSON.parse(out).model, /^loop device of .*loop$/)
    } finally {
      await detach(device)
    }
    assert.equal(parseGpt(memory(readFileSync(at('loop')))).sectors, (16 * MIB) / 512)
  })

  it('refuses it while mounted, and while write-protected', async () => {
    const file = empty('loop', 16 * MIB)
    const device = await attach(file)
    const mountPoint = mkdtempSync(join(folder, 'mount-'))
    try {
      await run(find('mkfs.ext4')!, ['-q', device])
      await run(find('mount')!, [device, mountPoint])
      try {
        const { code, err } = await bt(at('bt.img'), device, '--yes')
        assert.equal(code, 1)
        assert.match(err, new RegExp(`is mounted: ${mountPoint} .*umount ${mountPoint}`))
      } finally {
        await run(find('umount')!, [mountPoint])
      }
    } finally {
      await detach(device)
    }
    const locked = await attach(file, '-r')
    try {
      assert.match((await bt(at('bt.img'), locked, '--yes')).err, /is write-protected/)
    } finally {
      await detach(locked)
    }
  })
})
