/** Node directories: made, opened, refused when something is wrong with them. */
import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, statSync, unlinkSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { systemRandom } from '../../../node/crypto/random.ts'
import { RootKey } from '../../../node/crypto/root-key.ts'
import { initDirectory, isFresh } from '../../../node/dir/init.ts'
import { openDirectory } from '../../../node/dir/open.ts'
import { placeOf } from '../../../node/dir/place.ts'
import { adoptRoot, rootFile, rootHere, rotateRoot } from '../../../node/dir/root.ts'
import { folder, prepareNode } from '../../harness/directory.ts'

const init = (path: string) => initDirectory(path, systemRandom)
const mode = (path: string) => statSync(path).mode & 0o777

describe('a node directory', () => {
  it('is where it is said to be', () => {
    const place = (option: string | undefined, env: Record<string, string>) =>
      placeOf(option, { env, home: '/home/me' })
    assert.deepEqual(place('/a', { BLOCKTREE_DIR: '/b' }), { path: '/a', by: 'asked' })
    assert.deepEqual(place(undefined, { BLOCKTREE_DIR: '/b', STATE_DIRECTORY: '/c' }), {
      path: '/b',
      by: 'asked',
    })
    assert.deepEqual(place(undefined, { STATE_DIRECTORY: '/c:/d' }), { path: '/c', by: 'service' })
    assert.deepEqual(place(undefined, { BLOCKTREE_DIR: '' }), {
      path: '/home/me/.blocktree',
      by: 'usual',
    })
  })

  it('is made in a new or empty folder, for its owner only, and opens', async () => {
    for (const path of [join(folder(), 'a/b'), folder()]) {
      assert.ok(isFresh(path))
      const principal = await init(path)
      assert.ok(!isFresh(path))
      assert.deepEqual(readdirSync(path).sort(), ['config.json', 'credentials'])
      assert.deepEqual(
        [mode(path), mode(join(path, 'credentials')), mode(join(path, 'config.json'))],
        [0o700, 0o600, 0o600],
      )
      const directory = await openDirectory(path)
      assert.equal(directory.principal, principal)
      assert.equal(directory.root, undefined)
      await directory.close()
    }
  })

  it('is never made over another or over something else', async () => {
    const path = folder()
    const principal = await init(path)
    await assert.rejects(init(path), { code: 'DIR_EXISTS', message: /left as it is/ })
    const foreign = folder()
    writeFileSync(join(foreign, 'letter.txt'), '')
    await assert.rejects(init(foreign), { code: 'DIR_FOREIGN', message: /letter\.txt/ })
    assert.deepEqual(readdirSync(foreign), ['letter.txt'])
    const directory = await openDirectory(path)
    assert.equal(directory.principal, principal)
    await directory.close()
  })

  it('that was begun and not finished is completed, with the keys it has', async () => {
    const path = folder()
    const principal = await init(path)
    unlinkSync(join(path, 'config.json'))
    writeFileSync(join(path, 'config.json.12.new'), '{"v"')
    assert.ok(isFresh(path))
    assert.equal(await init(path), principal)
  })

  it('is not opened by two at once; the second learns who has it', async () => {
    const { path } = await prepareNode()
    const first = await openDirectory(path)
    await assert.rejects(openDirectory(path), {
      code: 'STORE_HELD',
      message: new RegExp(`${process.pid}`),
    })
    await first.close()
    await (await openDirectory(path)).close()
  })

  it('is refused when others may look into it', async () => {
    const path = folder()
    await init(path)
    chmodSync(path, 0o750)
    await assert.rejects(openDirectory(path), { code: 'DIR_EXPOSED', message: /750.*chmod 700/ })
  })

  it('is missed where there is none', async () => {
    await assert.rejects(openDirectory(join(folder(), 'x')), { code: 'DIR_MISSING' })
    await assert.rejects(openDirectory(folder()), {
      code: 'DIR_MISSING',
      message: /blocktree init/,
    })
    const path = join(folder(), 'file')
    writeFileSync(path, '')
    await assert.rejects(openDirectory(path), { code: 'DIR_MISSING' })
  })

  const CONFIGS: [string, string, RegExp][] = [
    ['{', 'DIR_CONFIG', /not JSON/],
    ['[]', 'DIR_CONFIG', /the file: found a list/],
    ['{}', 'DIR_CONFIG', /v: is missing/],
    ['{"v":"1"}', 'DIR_CONFIG', /v: found/],
    ['{"v":2}', 'DIR_VERSION', /version 2, this program reads 1: update/],
    ['{"v":1,"qouta":1000000}', 'DIR_CONFIG', /qouta: is not known; known are v, root, quota/],
    ['{"v":1,"quota":5}', 'DIR_CONFIG', /quota: found 5, expected 1000000 to/],
    ['{"v":1,"root":"k51"}', 'DIR_CONFIG', /root: .*principal/],
    [' '.repeat(70_000), 'DIR_CONFIG', /more than 65536/],
  ]
  for (const [text, code, message] of CONFIGS)
    it(`is refused with the configuration ${text.slice(0, 30).trim() || 'of 70,000 spaces'}`, async () => {
      const path = folder()
      await init(path)
      writeFileSync(join(path, 'config.json'), text)
      await assert.rejects(openDirectory(path), { code, message })
      assert.equal(readFileSync(join(path, 'config.json'), 'utf8'), text)
    })

  it('takes the quota of its configuration', async () => {
    const { path } = await prepareNode()
    const first = await openDirectory(path)
    first.configure({ quota: 1_000_000 })
    await first.close()
    const directory = await openDirectory(path)
    await assert.rejects(directory.tree.writeFile('/ROOT/a', new Uint8Array(2_000_000)), {
      code: 'STORE_FULL',
    })
    await directory.tree.writeFile('/ROOT/b', new Uint8Array(1000))
    await directory.close()
  })
})

describe('the root of a node directory', () => {
  const handed = (key: RootKey) => ({ phrase: key.phrase(), generation: key.generation, file: 'x' })

  it('is adopted with its tree, which the node may write; another is refused', async () => {
    const { path, root } = await prepareNode()
    const directory = await openDirectory(path)
    assert.equal(directory.root, root)
    assert.deepEqual(rootHere(directory), { key: true, tree: true })
    assert.match(rootFile(directory), /BEGIN AGE/)
    assert.equal(mode(join(path, 'root.age')), 0o600)
    await directory.tree.mkdir('/ROOT/a')
    await directory.tree.mkdir(`/${root}/b`)
    assert.deepEqual(
      (await directory.tree.list('/root')).map(({ name }) => name),
      ['a', 'b'],
    )
    const other = handed(RootKey.create(systemRandom))
    await assert.rejects(adoptRoot(directory, other, true), { code: 'DIR_ROOT_EXISTS' })
    assert.match(rootFile(directory), /BEGIN AGE/)
    await directory.close()
  })

  it('can be adopted again, also after a crash between key and tree', async () => {
    const path = folder()
    await init(path)
    const key = RootKey.create(systemRandom)
    const first = await openDirectory(path)
    const root = await adoptRoot(first, handed(key), false)
    assert.deepEqual(rootHere(first), { key: true, tree: false })
    await assert.rejects(first.tree.list('/ROOT'), { code: 'TREE_NOT_FOUND' })
    await first.close()
    const directory = await openDirectory(path)
    assert.equal(await adoptRoot(directory, handed(key), true), root)
    assert.deepEqual(await directory.tree.list('/ROOT'), [])
    await directory.tree.mkdir('/ROOT/a')
    assert.equal(await adoptRoot(directory, handed(key), true), root)
    assert.equal((await directory.tree.list('/ROOT')).length, 1)
    await directory.close()
  })

  it('is rotated again and again, also after a crash before its file was replaced', async () => {
    const { path, phrase } = await prepareNode()
    const directory = await openDirectory(path)
    const rotate = (generation: number) =>
      rotateRoot(directory, { phrase, generation, file: `of ${generation + 1}` })
    assert.equal(await rotate(0), 1)
    assert.equal(await rotate(0), 1)
    assert.equal(rootFile(directory), 'of 1')
    assert.equal(await rotate(1), 2)
    await assert.rejects(rotate(0), { code: 'ROOT_SUCCESSOR_OTHER' })
    await assert.rejects(rotate(5), { code: 'ROOT_SUCCESSOR_OTHER' })
    const other = handed(RootKey.create(systemRandom))
    await assert.rejects(rotateRoot(directory, other), { code: 'DIR_ROOT_EXISTS' })
    assert.equal(rootFile(directory), 'of 2')
    await directory.tree.mkdir('/ROOT/after')
    await directory.close()
  })

  it('is missed when the key is elsewhere', async () => {
    const path = folder()
    await init(path)
    const directory = await openDirectory(path)
    assert.throws(() => rootFile(directory), { code: 'DIR_ROOT_MISSING' })
    await directory.close()
  })
})
