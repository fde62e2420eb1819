/** The cache under everything that happens to folders: edits, cuts, copies, two builds at once. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Cache } from '../../../image/engine/cache.ts'
import { scan, treeDigest } from '../../../image/engine/tree.ts'
import { folder, type Folder } from './folder.ts'

const KEY = 'ab'.repeat(32)
const MADE = { recipe: 'r', seconds: 1 }

let here: Folder
let made = 0
beforeEach(() => (here = folder()))
afterEach(() => here.end())

const cache = () => new Cache(here.at('cache'))

/** Stores a tree of two files, a link and a folder; gives its folder. */
function stored(key = KEY, text = 'text', into = cache()): string {
  const out = `out${made++}`
  here.file(`${out}/bin/tool`, 'program', 0o755)
  here.file(`${out}/etc/conf`, text)
  here.link(`${out}/link`, 'bin/tool')
  mkdirSync(here.at(out, 'empty'))
  const { tree } = into.store(key, here.at(out), MADE, scan(here.at(out)))
  return into.tree(tree)
}

describe('the cache', () => {
  it('gives what was stored, as a new process would see it', () => {
    const tree = stored()
    const hit = cache().lookup(KEY)!
    assert.deepEqual(hit, { ...MADE, tree: treeDigest(scan(tree)), bytes: 11 })
    assert.equal(cache().tree(hit.tree), tree)
    assert.deepEqual(cache().entries(hit.tree), scan(tree))
  })

  it('knows nothing of other keys', () => {
    assert.equal(cache().lookup(KEY), undefined)
    stored()
    assert.equal(cache().lookup('cd'.repeat(32)), undefined)
  })

  it('keeps one tree for two actions that make the same', () => {
    assert.equal(stored(KEY), stored('cd'.repeat(32)))
    assert.equal(readdirSync(here.at('cache/trees')).length, 2)
  })

  it('takes no path that a shell would split or expand', () => {
    for (const path of [
      '/a b',
      "/it's",
      '/a$b',
      '/a;b',
      '/a*',
      '/a\nb',
      '/a"b',
      '/a\tb',
      '/[a]',
      '/{a,b}',
      '/a\\b',
      'relative',
      '/(a)',
    ])
      assert.throws(() => new Cache(path), { code: 'CACHE_BAD_PATH', message: /BT_CACHE/ }, path)
    for (const path of ['/home/jürgen/.cache/x', '/a-b_c.d/+e@f,g%h=i'])
      assert.equal(new Cache(path).folder, path)
  })
})

describe('a harmed tree', () => {
  const HARM: Record<string, (tree: string) => void> = {
    'a flipped byte': tree => {
      const bytes = readFileSync(`${tree}/etc/conf`)
      bytes[0]! ^= 1
      writeFileSync(`${tree}/etc/conf`, bytes)
    },
    'a flipped byte under the old times': tree => {
      const { atime, mtime } = statSync(`${tree}/etc/conf`)
      writeFileSync(`${tree}/etc/conf`, 'tExt')
      utimesSync(`${tree}/etc/conf`, atime, mtime)
    },
    'a missing file': tree => rmSync(`${tree}/bin/tool`),
    'a file too many': tree => writeFileSync(`${tree}/new`, ''),
    'a file that became a folder': tree => {
      rmSync(`${tree}/etc/conf`)
      mkdirSync(`${tree}/etc/conf`)
    },
    'a link that leads elsewhere': tree => {
      rmSync(`${tree}/link`)
      symlinkSync('etc/conf', `${tree}/link`)
    },
    'an empty folder': tree =>
      readdirSync(tree).forEach(n => rmSync(`${tree}/${n}`, { recursive: true })),
  }
  for (const [what, harm] of Object.entries(HARM))
    it(`is found out and removed: ${what}`, () => {
      const tree = stored()
      harm(tree)
      assert.equal(cache().lookup(KEY), undefined)
      assert.equal(existsSync(tree), false)
      assert.equal(existsSync(`${tree}.json`), false)
      assert.deepEqual(readdirSync(here.at('cache/work')), [])
      assert.equal(stored(), tree)
      assert.notEqual(cache().lookup(KEY), undefined)
    })

  it('is not there: its folder is gone, or is no folder', () => {
    const tree = stored()
    rmSync(tree, { recursive: true })
    assert.equal(cache().lookup(KEY), undefined)
    writeFileSync(tree, '')
    assert.equal(cache().lookup(KEY), undefined)
  })

  it('is found out by a cache that saw it whole before, when asked again', () => {
    const same = cache()
    const tree = stored(KEY, 'text', same)
    const { tree: digest } = same.lookup(KEY)!
    assert.equal(same.untouched(digest), true)
    writeFileSync(`${tree}/etc/conf`, 'tExt')
    assert.equal(same.untouched(digest), false)
    assert.equal(same.lookup(KEY), undefined)
  })

  it('is replaced when it stands where a new one goes', () => {
    const tree = stored()
    rmSync(`${tree}.json`)
    writeFileSync(`${tree}/etc/conf`, 'half writ')
    assert.equal(stored(), tree)
    assert.equal(readFileSync(`${tree}/etc/conf`, 'utf8'), 'text')
  })

  it('can be removed whatever its modes are', () => {
    const tree = stored()
    mkdirSync(`${tree}/closed/inner`, { recursive: true })
    for (const path of ['closed/inner', 'closed', 'etc/conf', '.']) chmodSync(`${tree}/${path}`, 0)
    assert.equal(cache().lookup(KEY), undefined)
    assert.equal(existsSync(tree), false)
  })
})

describe('a whole tree', () => {
  const lost: Record<string, (tree: string) => void> = {
    'other change times, as in a restored backup': tree => {
      cpSync(tree, `${tree}.copy`, { recursive: true, verbatimSymlinks: true })
      rmSync(tree, { recursive: true })
      renameSync(`${tree}.copy`, tree)
    },
    'no record': tree => rmSync(`${tree}.json`),
    'a record cut short': tree =>
      writeFileSync(`${tree}.json`, readFileSync(`${tree}.json`).subarray(0, 40)),
    'an empty record': tree => writeFileSync(`${tree}.json`, ''),
  }
  for (const [what, lose] of Object.entries(lost))
    it(`is read once and accepted with ${what}`, () => {
      const tree = stored()
      lose(tree)
      assert.notEqual(cache().lookup(KEY), undefined)
      const record = readFileSync(`${tree}.json`, 'utf8')
      assert.notEqual(cache().lookup(KEY), undefined)
      assert.equal(readFileSync(`${tree}.json`, 'utf8'), record)
      assert.deepEqual(cache().entries(cache().lookup(KEY)!.tree), scan(tree))
    })

  it('is made again when the result of its action cannot be read', () => {
    stored()
    const file = here.at(`cache/actions/ab/${KEY}.json`)
    for (const text of ['', '{}', '{"tree":5}', '[]', 'null', '{"tree":"x'])
      assert.equal((writeFileSync(file, text), cache().lookup(KEY)), undefined, text)
  })

  it('says when it was last used, to the hour', () => {
    const tree = stored()
    const long = new Date(Date.now() - 86_400_000)
    utimesSync(`${tree}.json`, long, long)
    assert.notEqual(cache().lookup(KEY), undefined)
    assert.ok(statSync(`${tree}.json`).mtimeMs > Date.now() - 60_000)
    const recent = new Date(Date.now() - 60_000)
    utimesSync(`${tree}.json`, recent, recent)
    cache().lookup(KEY)
    assert.equal(statSync(`${tree}.json`).mtime.getTime(), recent.getTime())
  })
})

describe('several processes', () => {
  it('that store the same tree at once all succeed, and it is whole', async () => {
    const url = (path: string) =>
      JSON.stringify(new URL(`../../../image/engine/${path}`, import.meta.url).href)
    const script = here.file(
      'store.mjs',
      `import { Cache } from ${url('cache.ts')}
       import { scan } from ${url('tree.ts')}
       import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
       const [id, top] = process.argv.slice(2)
       const cache = new Cache(top + '/cache')
       process.stdin.once('data', () => {
         for (let round = 0; round < 15; round++) {
           const out = top + '/out-' + id + '-' + round
           for (let i = 0; i < 20; i++) {
             mkdirSync(out + '/' + i, { recursive: true })
             writeFileSync(out + '/' + i + '/f', 'round ' + round)
           }
           const entries = scan(out)
           const { tree } = cache.store(String(round).padStart(64, 'a'), out, { recipe: 'r', seconds: 0 }, entries)
           if (!new Cache(top + '/cache').verify(tree)) throw new Error('not whole')
         }
         process.exit(0)
       })
       console.log('ready')`,
    )
    const children = [0, 1, 2].map(id =>
      spawn(process.execPath, [script, String(id), here.path], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    )
    await Promise.all(children.map(child => once(child.stdout, 'data')))
    const ends = children.map(child => once(child, 'exit'))
    for (const child of children) child.stdin.end('go')
    assert.deepEqual(
      (await Promise.all(ends)).map(([code]) => code as number),
      [0, 0, 0],
    )
    assert.equal(readdirSync(here.at('cache/trees')).length, 30)
    for (let round = 0; round < 15; round++)
      assert.notEqual(cache().lookup(String(round).padStart(64, 'a')), undefined, `round ${round}`)
  })
})
