/** Fetching locked packages from a mirror that misbehaves. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { Apt } from '../../../image/debian/apt.ts'
import { fetchPackages, pinOf } from '../../../image/debian/fetch.ts'
import { parseLock } from '../../../image/debian/lock.ts'
import type { LockedPackage } from '../../../image/debian/package.ts'
import { openStore, type Store } from '../../../image/fetch/store.ts'
import { mirror, type Fault, type Mirror } from './mirror.ts'

const text = readFileSync(join(import.meta.dirname, '../../golden/debian.lock.json'), 'utf8')
const { packages } = parseLock(text, 'golden')
const all = [...packages.values()]
const alpha = packages.get('alpha')!

describe('fetching packages', () => {
  let site: Mirror
  let apt: Apt
  let folder: string
  let store: Store
  const fetch = (wanted: readonly LockedPackage[] = all) =>
    fetchPackages(wanted, () => Promise.resolve(apt), { store })
  before(async () => {
    site = await mirror()
    apt = await site.apt()
  })
  beforeEach(() => {
    folder = mkdtempSync(join(site.folder, 'store-'))
    store = openStore(folder)
    site.faults.clear()
    site.asked.length = 0
  })
  after(() => site.end())

  /** Nothing is left but whole files, under their hashes. */
  function clean() {
    const parts = join(folder, 'partial')
    assert.deepEqual(existsSync(parts) ? readdirSync(parts) : [], [])
  }

  it('brings each package once, and later asks nobody', async () => {
    const { files, gone, unreachable } = await fetch()
    assert.deepEqual([gone, unreachable], [[], []])
    for (const locked of all)
      assert.deepEqual(
        readFileSync(files.get(locked.name)!),
        site.read(`${locked.archive === 'debian' ? 'debian' : 'security'}/${locked.path}`),
      )
    assert.equal(site.asked.length, all.length)
    const again = await fetchPackages(all, () => assert.fail('asked for the mirror'), { store })
    assert.deepEqual(again.files, files)
    clean()
  })

  it('is asked by many at once and still fetches each package once', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, i) => fetch(all.slice(i % 3))))
    assert.equal(site.asked.length, all.length)
    clean()
  })

  const faults: [Fault, string][] = [
    ['gone', 'is not there'],
    ['altered', 'has other bytes'],
    ['shorter', 'has fewer bytes'],
  ]
  for (const [fault, what] of faults)
    it(`reports one that ${what}, and brings the others`, async () => {
      site.faults.set('alpha_1.0-1_amd64.deb', fault)
      const { files, gone, unreachable } = await fetch()
      assert.deepEqual(
        gone.map(({ name }) => name),
        ['alpha'],
      )
      assert.deepEqual(unreachable, [])
      assert.equal(files.size, all.length - 1)
      assert.ok(!existsSync(store.path(pinOf(alpha))))
      clean()
      site.faults.clear()
      assert.equal((await fetch()).files.size, all.length)
      clean()
    })

  it('refuses one that is longer than locked before it is whole', async () => {
    const small = { ...alpha, size: alpha.size - 1 }
    const { gone } = await fetch([small])
    assert.deepEqual(gone, [small])
    clean()
  })

  it('says which are out of reach', async () => {
    const archives = { debian: 'http://localhost:9/', 'debian-security': `${site.uri}security/` }
    const offline = await site.apt('amd64', { archives, folder: join(site.folder, 'offline') })
    const { files, gone, unreachable } = await fetchPackages(all, async () => offline, { store })
    assert.deepEqual(gone, [])
    assert.deepEqual([...files.keys()], ['libcommon'])
    assert.deepEqual(unreachable.map(({ locked }) => locked.name).sort(), [
      'alpha',
      'beta',
      'libpre',
    ])
    assert.match(unreachable[0]!.detail, /localhost|connect/i)
    clean()
  })

  it('continues where a connection was cut', async () => {
    site.faults.set('alpha_1.0-1_amd64.deb', 'cut')
    await fetch([alpha])
    site.faults.clear()
    const { files } = await fetch([alpha])
    assert.equal(files.size, 1)
    const resumed = site.asked.filter(line => /alpha.* bytes=[0-9]+-$/.test(line))
    assert.ok(resumed.length > 0, site.asked.join('\n'))
    clean()
  })

  for (const server of ['that resumes', 'without Range'])
    it(`continues after its process was killed, from a server ${server}`, async () => {
      site.faults.set('alpha_1.0-1_amd64.deb', 'stall')
      await killedFetch()
      const [part] = readdirSync(join(folder, 'partial'))
      assert.ok(statSync(join(folder, 'partial', part!)).size > 0)
      site.faults.clear()
      if (server === 'without Range') site.faults.set('.deb', 'no-range')
      const { files } = await fetch([alpha])
      assert.deepEqual(readFileSync(files.get('alpha')!), site.read(`debian/${alpha.path}`))
      clean()
    })

  it('starts anew when the part it took over is of something else', async () => {
    const parts = join(folder, 'partial')
    mkdirSync(parts)
    for (const junk of [
      'x',
      'x'.repeat(alpha.size - 1),
      'x'.repeat(alpha.size),
      'x'.repeat(9999),
    ]) {
      writeFileSync(join(parts, `${pinOf(alpha).replace(':', '-')}.4194305`), junk)
      assert.equal((await fetch([alpha])).files.size, 1, `${junk.length} bytes of junk`)
      clean()
      rmSync(store.path(pinOf(alpha)))
    }
  })

  it('says that the disk is full', async t => {
    // A disk of two blocks, seen by this one process only.
    const script = fetchScript()
    const small = `mount -t tmpfs -o size=8k none "$1" && dd if=/dev/zero of="$1/fill" bs=4k count=2 2>&1 && exec "$2" "$3"`
    mkdirSync(join(folder, 'partial'))
    const args = ['sh', '-c', small, 'sh', join(folder, 'partial'), process.execPath, script]
    const user = process.getuid?.() === 0 ? ['-m'] : ['-Urm']
    // Not waited for in place: this process is the mirror.
    const ran = promisify(execFile)('unshare', [...user, ...args])
    const { stdout, stderr } = await ran.catch(
      (error: Error & { stdout: string; stderr: string }) => error,
    )
    if (/unshare|mount:/.test(stderr)) return t.skip('this machine lets nobody mount')
    assert.match(stdout, /FETCH_DISK: the disk of the cache is full/, stderr)
    assert.ok(!existsSync(store.path(pinOf(alpha))))
    assert.equal((await fetch([alpha])).files.size, 1)
  })

  it('takes archives on a disk', async () => {
    const root = join(import.meta.dirname, '../../golden/debian')
    const archives = { debian: `file:${root}/debian/`, 'debian-security': `file:${root}/security/` }
    const local = await site.apt('amd64', { archives, folder: join(site.folder, 'local') })
    const { files } = await fetchPackages(all, async () => local, { store })
    assert.equal(files.size, all.length)
    for (const file of files.values()) assert.ok(!file.startsWith(root))
    clean()
  })

  /** A program that fetches alpha into the store, and prints what it failed with. */
  function fetchScript(): string {
    const file = join(folder, 'fetch.ts')
    const image = join(import.meta.dirname, '../../../image')
    const [uri, pin] = [`${site.uri}debian/${alpha.path}`, pinOf(alpha)]
    const wanted = JSON.stringify([{ uri, pin, size: alpha.size, name: 'alpha' }])
    writeFileSync(
      file,
      `import { download } from '${image}/fetch/download.ts'
       import { openStore } from '${image}/fetch/store.ts'
       const store = openStore(${JSON.stringify(folder)})
       const config = ${JSON.stringify(join(apt.folder, 'apt.conf'))}
       await download(${wanted}, { store, config }).catch(e => console.log(e.code + ': ' + e.message))`,
    )
    return file
  }

  /** Fetches alpha in a process of its own, and kills that once half of it is here. */
  async function killedFetch(): Promise<void> {
    const child = spawn(process.execPath, [fetchScript()], { stdio: 'inherit' })
    const parts = join(folder, 'partial')
    const size = () =>
      existsSync(parts)
        ? readdirSync(parts).reduce((sum, name) => sum + statSync(join(parts, name)).size, 0)
        : 0
    while (size() === 0) await new Promise(resolve => setTimeout(resolve, 20))
    child.kill('SIGKILL')
    await new Promise(resolve => child.once('close', resolve))
  }
})
