/** `image/bt`: from any folder, by links, with spaces in the path, twice at once, broken, read-only. */
import assert from 'node:assert/strict'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { bt, call, copyOfCheckout, REPO, folder as newFolder } from './checkout.ts'

/** A folder that stands alone on the PATH, with the named programs and scripts in it. */
function path(programs: readonly string[], scripts: Readonly<Record<string, string>> = {}): string {
  const folder = newFolder()
  for (const name of programs) {
    const from = ['/usr/bin', '/bin'].map(bin => join(bin, name)).find(file => existsSync(file))
    assert.ok(from !== undefined, `${name} is not here`)
    symlinkSync(from, join(folder, name))
  }
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), text)
    chmodSync(join(folder, name), 0o755)
  }
  return folder
}

const BASICS = [
  'uname',
  'readlink',
  'mkdir',
  'flock',
  'cat',
  'sh',
  'apt-get',
  'apt-cache',
  'dpkg-deb',
  'gpgv',
  'tar',
]
const NODE = `#!/bin/sh\nexec '${process.execPath}' "$@"\n`

describe('image/bt', () => {
  let repo: string
  let remove: () => void
  before(() => ({ repo, remove } = copyOfCheckout()))
  after(() => remove())
  const bundles = () =>
    readdirSync(join(repo, 'build/bt')).filter(name => /^[0-9a-f]{16}$/.test(name))

  it('sets itself up, twice at once', async () => {
    const both = await Promise.all([bt(['--version'], { repo }), bt(['--version'], { repo })])
    for (const { code, out } of both) {
      assert.equal(code, 0)
      assert.match(out, /^bt \d+\.\d+\.\d+ \(Node 24\./)
    }
    assert.equal(bundles().length, 1)
  })

  it('says nothing and makes nothing the second time', async () => {
    const { err, code } = await bt(['--version'], { repo, cwd: '/' })
    assert.deepEqual([err, code], ['', 0])
    assert.equal(bundles().length, 1)
  })

  it('works through links and relative paths', async () => {
    const folder = path([], {})
    symlinkSync(join(repo, 'image/bt'), join(folder, 'one'))
    symlinkSync('one', join(folder, 'two'))
    for (const [program, cwd] of [
      [join(folder, 'two'), '/'],
      ['./bt', join(repo, 'image')],
      ['../image/bt', join(repo, 'image')],
    ] as const) {
      const { out, code } = await call(program, ['--version'], { cwd })
      assert.deepEqual([code, out.slice(0, 3)], [0, 'bt '], program)
    }
    const { code } = await call('sh', ['bt', '--version'], { cwd: join(repo, 'image') })
    assert.equal(code, 0)
  })

  it('passes arguments on as they are', async () => {
    const { err, code } = await bt(['a "b" $c\n*'], { repo })
    assert.equal(code, 2)
    assert.ok(err.includes(JSON.stringify('a "b" $c\n*')), err)
  })

  it('bundles again when a source changes, and keeps its arguments and exit code', async () => {
    appendFileSync(
      join(repo, 'image/cli/usage.ts'),
      '\nexport const changed = 1\nconsole.log("changed")\n',
    )
    const { out, code } = await bt(['help', 'nothing such'], { repo })
    assert.equal(code, 2)
    assert.match(out, /^changed\n/)
  })

  it('says where a source is wrong, and works again once it is right', async () => {
    const file = join(repo, 'image/cli/broken.ts')
    writeFileSync(file, 'const = 1\n')
    const text = "\nexport const load = () => import('./broken.ts')\n"
    appendFileSync(join(repo, 'image/cli/explain.ts'), text)
    const broken = await bt(['--version'], { repo })
    assert.equal(broken.code, 1)
    assert.match(
      broken.err,
      /image\/cli\/broken\.ts:1:6[^]*bt: bundling the command line ended with 1/,
    )
    writeFileSync(file, 'export const fine = 1\n')
    assert.equal((await bt(['--version'], { repo })).code, 0)
  })

  it('keeps its bundle where BT_BUILD says', async () => {
    const folder = newFolder()
    const { code } = await bt(['--version'], { repo, env: { BT_BUILD: folder } })
    assert.equal(code, 0)
    assert.ok(existsSync(join(folder, 'bt/bt.cjs')))
    rmSync(folder, { recursive: true })
  })

  it('says that it cannot write into a closed checkout', async () => {
    const blocked = join(newFolder(), 'file')
    writeFileSync(blocked, '')
    const { err, code } = await bt(['--version'], { repo, env: { BT_BUILD: blocked } })
    assert.equal(code, 1)
    assert.match(err, /^bt: cannot write to .*\/file\/bt, [^]*BT_BUILD/)
  })
})

describe('set-up', () => {
  let repo: string
  let remove: () => void
  before(() => {
    ;({ repo, remove } = copyOfCheckout())
    unlinkSync(join(repo, 'node_modules'))
  })
  after(() => remove())
  const withPath = (PATH: string) => bt(['--version'], { repo, env: { PATH } })

  it('names node and npm when they are missing', async () => {
    const { code, err } = await withPath(path(BASICS))
    assert.equal(code, 1)
    assert.match(err, /^bt: not found: node npm\n[^]*apt-get install nodejs npm/)
  })

  it('refuses a Node that is too old', async () => {
    const old = '#!/bin/sh\n[ "$1" = --version ] && echo v18.20.4\nexit 1\n'
    const { code, err } = await withPath(path(BASICS, { node: old, npm: '#!/bin/sh\n' }))
    assert.equal(code, 1)
    assert.match(err, /Node v18\.20\.4 is too old[^]*20 or newer/)
  })

  it('refuses other systems and processors', async () => {
    const uname = (system: string, cpu: string) =>
      `#!/bin/sh\n[ "$1" = -s ] && echo ${system} || echo ${cpu}\n`
    const rest = BASICS.filter(name => name !== 'uname')
    const mac = await withPath(path(rest, { uname: uname('Darwin', 'arm64') }))
    assert.match(mac.err, /this is Darwin; bt builds on Linux/)
    const riscv = await withPath(path(rest, { uname: uname('Linux', 'riscv64') }))
    assert.match(riscv.err, /this machine is riscv64/)
    assert.deepEqual([mac.code, riscv.code], [1, 1])
  })

  it('says what failed when npm cannot fetch', async () => {
    const npm = '#!/bin/sh\necho "called: $*" >&2\nexit 7\n'
    const { code, err } = await withPath(path(BASICS, { node: NODE, npm }))
    assert.equal(code, 1)
    assert.match(err, /fetching the packages that package-lock\.json names[^]*called: ci /)
    assert.match(err, /npm ci ended with 7: see above\nbt: it needs the npm registry/)
  })

  it('does not believe an npm that did nothing', async () => {
    const { code, err } = await withPath(path(BASICS, { node: NODE, npm: '#!/bin/sh\nexit 0\n' }))
    assert.equal(code, 1)
    assert.match(err, /npm ci has run, but there is no complete node_modules yet/)
  })

  it('installs host packages only where it may, and says which and why', async () => {
    mkdirSync(join(repo, 'node_modules'), { recursive: true })
    const rest = BASICS.filter(name => name !== 'gpgv')
    const log = '#!/bin/sh\necho "apt-get $*" >&2\nexit 5\n'
    const folder = path(
      rest.filter(name => name !== 'apt-get'),
      {
        node: NODE,
        npm: '#!/bin/sh\n',
        env: '#!/bin/sh\nwhile [ "${1#*=}" != "$1" ]; do shift; done\nexec "$@"\n',
        sudo: '#!/bin/sh\nexec "$@"\n',
        'apt-get': log,
      },
    )
    const { code, err } = await withPath(folder)
    assert.equal(code, 1)
    assert.match(err, /gpgv is missing: checks the signatures of the archive/)
    assert.match(err, /installing with apt-get( and sudo)?: gpgv\n/)
    assert.match(err, /apt-get update -q\nbt: apt-get update -q ended with 5/)
  })
})

it('the checkout has everything that npx needs to find bt', () => {
  assert.ok(existsSync(join(REPO, 'node_modules/.bin/bt')))
  assert.ok(
    dirname(process.execPath).startsWith(join(REPO, 'node_modules')) ||
      process.env['CI'] !== 'true',
  )
})
