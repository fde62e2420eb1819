/** Finding Debian's archives in the configuration of a machine; the machine is made in a folder. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { findArchives } from '../../../image/debian/archive.ts'

const folder = mkdtempSync(join(tmpdir(), 'archive-'))
after(() => rmSync(folder, { recursive: true }))
let count = 0

/** An apt that knows only these sources files, by name. */
function machine(sources: Record<string, string>): Record<string, string> {
  const root = join(folder, String(count++))
  for (const name of ['none', 'etc/sources.list.d', 'lists/partial', 'cache'])
    mkdirSync(join(root, name), { recursive: true })
  for (const [name, text] of Object.entries(sources))
    writeFileSync(join(root, 'etc/sources.list.d', name), text)
  const config = join(root, 'apt.conf')
  writeFileSync(
    config,
    `Dir "${root}/"; Dir::State "${root}/"; Dir::State::status "${root}/status"; Dir::Cache "cache/";
     Dir::Etc "${root}/etc/"; Dir::Etc::main "/dev/null"; Dir::Etc::parts "${root}/none/";`,
  )
  writeFileSync(join(root, 'status'), '')
  return { PATH: process.env['PATH'] ?? '', APT_CONFIG: config }
}

const expected = {
  debian: 'http://a.example/debian/',
  'debian-security': 'http://a.example/debian-security/',
}

describe('archives of this machine', () => {
  it('are found in deb822 sources, whatever the release', async () => {
    const text = (uri: string, suites: string) =>
      `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: main\n\n`
    const sources =
      text('http://a.example/debian', 'bookworm bookworm-updates') +
      text('http://a.example/debian-security', 'bookworm-security')
    assert.deepEqual(await findArchives(machine({ 'debian.sources': sources })), expected)
  })

  it('are found in one-line sources', async () => {
    const sources =
      'deb [arch=amd64] http://a.example/debian/ stable main contrib\n' +
      'deb http://a.example/debian-security stable-security main\n'
    assert.deepEqual(await findArchives(machine({ 'all.list': sources })), expected)
  })

  it('are not mistaken for archives of others that use the same release names', async () => {
    const sources =
      'deb http://other.example/linux/ bookworm stable\n' +
      'deb http://tools.example/bookworm tools-bookworm main\n' +
      'deb http://other.example/repo bookworm main\n' +
      'deb http://a.example/debian bookworm main\n' +
      'deb http://a.example/debian-security bookworm-security main\n'
    assert.deepEqual(await findArchives(machine({ 'all.list': sources })), expected)
  })

  it("are read from a list of mirrors, as Debian's cloud images have it", async () => {
    const lists = ['debian', 'debian-security'].map(name => join(folder, `${name}.list`))
    for (const [i, name] of ['debian', 'debian-security'].entries())
      writeFileSync(lists[i]!, `# mirrors\nhttp://a.example/${name}\thint:1\nhttp://b.example/\n`)
    const sources =
      `deb mirror+file:${lists[0]} trixie main\n` +
      `deb mirror+file:${lists[1]} trixie-security main\n`
    assert.deepEqual(await findArchives(machine({ 'all.list': sources })), expected)
  })

  it('are what the environment says, on a machine that is not Debian', async () => {
    const ubuntu = machine({ 'u.list': 'deb http://u.example/ubuntu noble main\n' })
    const env = {
      BT_DEBIAN_MIRROR: 'http://a.example/debian',
      BT_DEBIAN_SECURITY_MIRROR: 'http://a.example/debian-security/',
    }
    assert.deepEqual(await findArchives({ ...ubuntu, ...env }), expected)
  })

  it('say what to set when there is none', async () => {
    const ubuntu = machine({ 'u.list': 'deb http://u.example/ubuntu noble main\n' })
    await assert.rejects(findArchives(ubuntu), {
      code: 'DEBIAN_NO_MIRROR',
      message: /BT_DEBIAN_MIRROR=URI and BT_DEBIAN_SECURITY_MIRROR=URI/,
    })
    const half = machine({ 'h.list': 'deb http://a.example/debian trixie main\n' })
    await assert.rejects(findArchives(half), { message: /debian-security: set BT_DEBIAN_SEC/ })
    const none = { ...ubuntu, PATH: folder }
    await assert.rejects(findArchives(none), { code: 'DEBIAN_NO_MIRROR' })
  })

  it('refuse what is no URI', async () => {
    for (const bad of ['a.example/debian', 'http://a.example/x y', 'http://a/"; Dir "/'])
      await assert.rejects(findArchives({ ...machine({}), BT_DEBIAN_MIRROR: bad }), /not a URI/)
  })
})
