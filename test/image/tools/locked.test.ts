/**
 * The locked tools themselves, fetched, unpacked and run as a build does it: each proves itself by
 * a result, in a folder with an odd name. The first run fetches what the cache does not have yet.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { openApt } from '../../../image/debian/apt.ts'
import { fetchPackages } from '../../../image/debian/fetch.ts'
import { packagesOf, parseLock } from '../../../image/debian/lock.ts'
import { hostArch, lockFile } from '../../../image/engine/locks.ts'
import { stamp } from '../../../image/engine/tree.ts'
import { prepareToolset, type Toolset } from '../../../image/toolset.ts'
import { unpack } from '../../../image/unpack/unpack.ts'

const TOOLS = ['tools-unpack', 'tools-image', 'tools-build']

describe('locked tools', () => {
  const folder = mkdtempSync(join(tmpdir(), 'locked tools-'))
  const at = (...names: string[]) => join(folder, ...names)
  const sets = new Map<string, Toolset>()
  before(async () => {
    const file = lockFile(hostArch())
    const lock = parseLock(readFileSync(file, 'utf8'), file)
    for (const name of [...TOOLS, 'boot-loader']) {
      const packages = packagesOf(lock, name)
      const { files } = await fetchPackages(packages, () => openApt({ arch: lock.arch }))
      assert.equal(files.size, packages.length)
      // The store names files by their hash alone.
      mkdirSync(at('debs', name), { recursive: true })
      const debs = [...files].map(
        ([name_, path]) => [at('debs', name, `${name_}.deb`), path] as const,
      )
      for (const [link, path] of debs) symlinkSync(path, link)
      await unpack(debs.map(([link]) => link).sort(), at('trees', name), {})
      if (TOOLS.includes(name))
        sets.set(name, await prepareToolset(at('trees', name), at('bin', name)))
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  /** Runs a tool with nothing else on the PATH; gives what it printed. */
  const run = async (line: string, ...more: string[]) => {
    const [program, ...args] = [...line.split(' '), ...more]
    const env = { PATH: TOOLS.map(name => sets.get(name)!.bin).join(':') }
    const { stdout } = await promisify(execFile)(program!, args, { cwd: folder, env })
    return stdout
  }
  const put = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true })
    writeFileSync(at(path), text)
  }

  it('make and check erofs file systems, compressed too', async () => {
    put('tree/file', 'hello '.repeat(5000))
    for (const compression of ['', ' -zlz4hc,12', ' -zzstd,3']) {
      await run(`mkfs.erofs --quiet -T0 --all-root -Uclear${compression} out.erofs tree`)
      await run('fsck.erofs out.erofs')
      rmSync(at('out.erofs'))
    }
  })

  it('make FAT volumes with names beyond ASCII', async () => {
    put('small', 'x')
    put('volume', '')
    truncateSync(at('volume'), 40 * 2 ** 20)
    await run('mkfs.vfat -F 32 -i 12345678 --invariant volume')
    await run('mmd -i volume ::/Grüße')
    await run('mcopy -i volume small', '::/Grüße/länger als 8.txt')
    assert.match(await run('mdir -b -i volume ::/Grüße'), /^::\/Grüße\/länger als 8\.txt$/m)
  })

  it('hash a file system for dm-verity', async () => {
    put('data', 'v'.repeat(8192))
    const uuid = '00000000-0000-4000-8000-000000000000'
    const said = await run(`veritysetup format data hashes --salt=00 --uuid=${uuid}`)
    const root = /Root hash:\s+([0-9a-f]{64})/.exec(said)?.[1]
    assert.ok(root, said)
    await run(`veritysetup verify data hashes ${root}`)
  })

  it('make users and presets in another root', async () => {
    put('root/usr/lib/sysusers.d/t.conf', 'u someone 700 "Some One" /var/lib/some\n')
    put('root/etc/os-release', 'ID=test\n')
    await run('systemd-sysusers', `--root=${at('root')}`)
    assert.match(readFileSync(at('root/etc/passwd'), 'utf8'), /^someone:x:700:700:Some One:/m)
    put(
      'root/usr/lib/systemd/system/t.service',
      '[Service]\nExecStart=/x\n[Install]\nWantedBy=a.target\n',
    )
    put('root/usr/lib/systemd/system-preset/t.preset', 'enable t.service\n')
    await run('systemctl', `--root=${at('root')}`, 'preset-all')
    assert.deepEqual(readdirSync(at('root/etc/systemd/system/a.target.wants')), ['t.service'])
  })

  it('index kernel modules', async () => {
    put('modules/lib/modules/1.0/modules.order', '')
    put('modules/lib/modules/1.0/modules.builtin', '')
    await run('depmod -b', at('modules'), '1.0')
    assert.ok(readdirSync(at('modules/lib/modules/1.0')).includes('modules.dep.bin'))
  })

  it('build a UKI and take it apart, Python and all', async () => {
    const efi = at('trees/boot-loader/usr/lib/systemd/boot/efi')
    const suffix = hostArch() === 'amd64' ? 'x64' : 'aa64'
    put('initrd', 'initrd')
    await run(
      `ukify build --initrd=initrd --efi-arch=${suffix} --uname=1 --os-release=ID=x --output=uki.efi`,
      '--cmdline=quiet splash',
      // Any EFI program will do as a kernel.
      `--linux=${efi}/systemd-boot${suffix}.efi`,
      `--stub=${efi}/linux${suffix}.efi.stub`,
    )
    assert.match(await run('ukify inspect uki.efi'), /\.cmdline:[^]*quiet splash/)
  })

  it('compress and unpack, strip and copy sections', async () => {
    put('plain', 'zip me '.repeat(1000))
    await run('zstd -q -19 plain -o plain.zst')
    assert.equal(await run('zstd -q -d -c plain.zst'), 'zip me '.repeat(1000))
    await run('xz -k plain')
    assert.equal(await run('xz -d -c plain.xz'), 'zip me '.repeat(1000))
    writeFileSync(at('program'), readFileSync(at('trees/tools-build/usr/bin/strip')))
    await run('objcopy --add-section .note.ours=plain program program.more')
    assert.match(await run('readelf -S -W program.more'), /\.note\.ours/)
    await run('strip --remove-section=.note.ours program.more')
    assert.doesNotMatch(await run('readelf -S -W program.more'), /\.note\.ours/)
  })

  it('leave their trees as they were unpacked', async () => {
    const tree = at('trees/tools-image')
    const before = stamp(tree)
    await run('python3 -c', 'import json, http.client')
    assert.equal(stamp(tree), before)
  })
})
