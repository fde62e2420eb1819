/** The private apt against a mirror on the loopback: signatures, locks, what it takes from the host. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { mirror, type Mirror } from './mirror.ts'

describe('private apt', () => {
  let site: Mirror
  before(async () => void (site = await mirror()))
  after(() => site.end())

  it('reads a signed archive and knows nothing of the machine', async () => {
    const apt = await site.apt()
    assert.equal(apt.hasLists(), false)
    await apt.update()
    assert.equal(apt.hasLists(), true)
    const names = (await apt.run('apt-cache', ['pkgnames'])).trim().split('\n').sort()
    assert.ok(names.includes('alpha') && !names.includes('dpkg'), names.join(' '))
    const installed = await apt.run('apt-cache', ['policy', 'libcommon'])
    assert.match(installed, /Installed: \(none\)\n {2}Candidate: 1\.1-1/)
  })

  it('refuses insecure archives even where the machine allows them', async () => {
    const apt = await site.apt()
    const dump = await apt.run('apt-config', ['dump'])
    for (const name of ['Insecure', 'Weak', 'DowngradeToInsecure'])
      assert.match(dump, new RegExp(`^Acquire::Allow${name}Repositories "false";$`, 'm'))
    assert.doesNotMatch(dump, /^Dir::State::status "\/var\/lib\/dpkg/m)
  })

  it('refuses an archive signed by another key', async () => {
    const other = join(site.folder, 'empty.asc')
    writeFileSync(other, '')
    const apt = await site.apt('amd64', { keyring: other, folder: join(site.folder, 'other') })
    await assert.rejects(apt.update(), {
      code: 'DEBIAN_BAD_SIGNATURE',
      message: /nothing was taken/,
    })
    assert.equal(apt.hasLists(), false)
  })

  it('refuses an archive whose signed text was changed', async () => {
    const apt = await site.apt('amd64', { folder: join(site.folder, 'altered') })
    for (const file of ['trixie/InRelease', 'binary-amd64/Packages']) {
      site.faults.set(file, 'altered')
      await assert.rejects(apt.update(), { code: 'DEBIAN_BAD_SIGNATURE' }, file)
      assert.equal(apt.hasLists(), false)
      site.faults.clear()
    }
  })

  it('says that the archive is out of reach', async () => {
    const archives = { debian: 'http://127.0.0.1:9/', 'debian-security': 'http://127.0.0.1:9/' }
    const apt = await site.apt('amd64', { archives, folder: join(site.folder, 'offline') })
    await assert.rejects(apt.update(), { code: 'DEBIAN_UNREACHABLE' })
  })

  it('says that the keys are missing', async () => {
    const keyring = join(site.folder, 'nowhere.gpg')
    await assert.rejects(site.apt('amd64', { keyring }), {
      code: 'DEBIAN_NO_KEYRING',
      message: /debian-archive-keyring/,
    })
  })

  it('waits for another build, and says so when that takes too long', async () => {
    const folder = join(site.folder, 'busy')
    const first = await site.apt('amd64', { folder })
    const second = await site.apt('amd64', { folder, patience: 0 })
    const stop = new AbortController()
    site.faults.set('binary-amd64/Packages', 'stall')
    const holding = first.update(stop.signal).catch((error: unknown) => error)
    while (!/Packages/.test(await partials(folder))) await new Promise(r => setTimeout(r, 20))
    await assert.rejects(second.update(), { code: 'DEBIAN_BUSY', message: /another build/ })
    stop.abort()
    assert.ok((await holding) instanceof Error)
    site.faults.clear()
    await second.update()
  })

  it('takes paths with spaces', async () => {
    const apt = await site.apt('amd64', { folder: join(site.folder, 'with some spaces') })
    await apt.update()
    assert.match(await apt.run('apt-cache', ['policy', 'alpha']), /Candidate: 1\.0-1/)
    assert.match(readFileSync(join(apt.folder, 'apt.conf'), 'utf8'), /with some spaces/)
  })
})

/** Names of what apt has under way. */
async function partials(folder: string): Promise<string> {
  const { readdir } = await import('node:fs/promises')
  return (await readdir(join(folder, 'lists/partial')).catch(() => [])).join(' ')
}
