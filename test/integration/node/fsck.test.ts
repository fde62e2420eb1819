/** `blocktree fsck` on directories that somebody damaged: each fault is named, and put right. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { before, beforeEach, describe, it } from 'node:test'
import { openHeader, signHeader } from '../../../node/block/header.ts'
import { parseBlockId, rootBlockId } from '../../../node/block/id.ts'
import { ED25519, X25519 } from '../../../node/crypto/algorithm.ts'
import type { CredentialStore } from '../../../node/crypto/credential-store.ts'
import { generateKeyPairs, recordOf, storeOf } from '../../../node/crypto/key-pairs.ts'
import { systemRandom } from '../../../node/crypto/random.ts'
import { openDirectory, type NodeDirectory } from '../../../node/dir/open.ts'
import { prepareNode, type Prepared } from '../../harness/directory.ts'
import { done, run } from '../../harness/process.ts'
import { executable, type Program } from '../../harness/programs.ts'

let program: Program
before(async () => {
  program = await executable()
})

let node: Prepared
const ok = (line: string, input = '') =>
  done(line.split(' '), { program, dir: node.path, input: Buffer.from(input) })
const cat = (path: string) => ok(`cat ${path}`)

async function opened<T>(work: (directory: NodeDirectory) => Promise<T>): Promise<T> {
  const directory = await openDirectory(node.path)
  try {
    return await work(directory)
  } finally {
    await directory.close()
  }
}

beforeEach(async () => {
  node = await prepareNode()
  await opened(async ({ tree }) => {
    await tree.mkdir('/ROOT/docs')
    for (const name of ['docs/a', 'docs/b', 'c'])
      await tree.writeFile(`/ROOT/${name}`, Buffer.from(`content of ${name}`))
  })
})

const idOf = (path: string) =>
  opened(async ({ tree }) => Buffer.from((await tree.stat(path)).id, 'hex'))

function sql(statement: string, ...values: SQLInputValue[]): void {
  const db = new DatabaseSync(join(node.path, 'store', 'store.db'))
  const { changes } = db.prepare(statement).run(...values)
  db.close()
  assert.ok(Number(changes) > 0, `${statement} changed nothing`)
}

type Report = {
  ok: boolean
  findings: { code: string; says: string; repaired: boolean }[]
}

/** What fsck says; fails unless the exit code fits. */
async function fsck(...more: string[]): Promise<Report> {
  const { code, out, err } = await run(['fsck', '--json', ...more], { program, dir: node.path })
  assert.equal(err, '')
  const report = JSON.parse(out) as Report
  const left = report.findings.filter(({ repaired }) => !repaired)
  assert.deepEqual([report.ok, code], [left.length === 0, left.length === 0 ? 0 : 1], out)
  return report
}

/** Expects these faults, as `CODE words`, found by fsck, put right by `--repair`, and gone. */
async function expectMended(...faults: [code: string, says: RegExp][]): Promise<Report> {
  const found = await fsck()
  for (const [code, says] of faults)
    assert.ok(
      found.findings.some(one => one.code === code && says.test(one.says)),
      `${code} ${says} in ${JSON.stringify(found.findings, undefined, 2)}`,
    )
  assert.ok(found.findings.every(({ repaired }) => !repaired))
  const { out, code } = await run(['fsck'], { program, dir: node.path })
  assert.equal(code, 1)
  for (const [code, says] of faults) {
    assert.match(out, new RegExp(`^WRONG {2}${code} `, 'm'))
    assert.match(out, says)
  }
  const repair = await fsck('--repair')
  assert.equal(repair.ok, true, JSON.stringify(repair.findings, undefined, 2))
  assert.ok(repair.findings.length > 0)
  assert.deepEqual((await fsck()).findings, [])
  assert.match(await ok('fsck'), /^\d+ blocks, \d+ pieces: all is well\n$/)
  return repair
}

/** A node's credentials that nobody knows. */
async function thief(): Promise<CredentialStore> {
  const keys = generateKeyPairs({ sign: ED25519, decrypt: X25519 }, systemRandom)
  return storeOf('memory', keys, await recordOf(keys))
}

/** The next version of a block, as a stranger signs it. */
async function forged({ store, tree }: NodeDirectory, path: string, by: CredentialStore) {
  const id = parseBlockId((await tree.stat(path)).id)
  const stored = store.block(node.root, id)!
  const { header } = openHeader(stored.header)
  const generation = header.generation + 1n
  const next = { ...header, writer: by.signKey, generation, previous: stored.hash }
  const { bytes } = await signHeader(next, by)
  return { tree: node.root, id, generation, content: stored.content, header: bytes, stored }
}

describe('fsck of a node directory', () => {
  it('names a directory entry whose block is gone, and takes it away', async () => {
    sql('UPDATE known SET no = NULL WHERE id = ?', await idOf('/ROOT/docs/a'))
    await expectMended(
      ['TREE_DAMAGED', /\/docs: the entry "a" leads to a block that is not here/],
      ['STORE_FOREIGN', /belongs to no block/],
    )
    assert.equal(await ok('ls /ROOT/docs'), 'b\n')
    await ok('put - /ROOT/docs/a', 'again')
    assert.equal(await cat('/ROOT/docs/a'), 'again')
  })

  it('names rows that were swapped, and puts each in its place; nothing is lost', async () => {
    const [a, c] = [await idOf('/ROOT/docs/a'), await idOf('/ROOT/c')]
    const no = (id: Buffer) => {
      const db = new DatabaseSync(join(node.path, 'store', 'store.db'))
      const row = db.prepare('SELECT no FROM known WHERE id = ?').get(id)!
      db.close()
      return row['no'] as number
    }
    const [one, other] = [no(a), no(c)]
    for (const [from, to] of [
      [one, -1],
      [other, one],
      [-1, other],
    ])
      sql('UPDATE block SET no = ? WHERE no = ?', to!, from!)
    await expectMended(
      ['STORE_SWAPPED', new RegExp(`block ${a.toString('hex')} .* is that of block`)],
      ['STORE_SWAPPED', new RegExp(`block ${c.toString('hex')} .* is that of block`)],
    )
    assert.equal(await cat('/ROOT/docs/a'), 'content of docs/a')
    assert.equal(await cat('/ROOT/c'), 'content of c')
  })

  it('names a header that was put back from an old copy, and keeps that one as the file', async () => {
    const id = await idOf('/ROOT/c')
    const db = () => new DatabaseSync(join(node.path, 'store', 'store.db'))
    const before = db()
    const columns = 'b.header, b.root, b.count'
    const from = 'FROM block b JOIN known k ON k.no = b.no WHERE k.id = ?'
    const old = before.prepare(`SELECT ${columns} ${from}`).get(id)!
    before.close()
    await ok('put - /ROOT/c', 'a newer one')
    const set = 'UPDATE block SET header = ?, root = ?, count = ?'
    const values = ['header', 'root', 'count'].map(name => old[name]!)
    sql(`${set} WHERE no = (SELECT no FROM known WHERE id = ?)`, ...values, id)
    await expectMended(['STORE_REPLAYED', /is another version, generation 1/])
    assert.equal(await cat('/ROOT/c'), 'content of c')
  })

  it('names a header that a stranger forged, and takes it away', async () => {
    await opened(async directory => {
      const { stored, ...version } = await forged(directory, '/ROOT/c', await thief())
      await directory.store.commit({ blocks: [{ ...version, expected: stored.hash }] })
    })
    await expectMended(['CHAIN_WRITER', /\/c: /])
    assert.equal(await ok('ls'), 'docs/\n')
  })

  it('names a version beside the current one that a stranger forged, and drops it', async () => {
    await opened(async directory => {
      const { stored: _, ...version } = await forged(directory, '/ROOT/c', await thief())
      await directory.store.commit({ siblings: [version] })
    })
    const repair = await expectMended(['CHAIN_WRITER', /a version kept beside block/])
    assert.equal(repair.findings.length, 1)
    assert.equal(await cat('/ROOT/c'), 'content of c')
  })

  it('says what is lost for good, as long as it is there', async () => {
    const bytes = Buffer.alloc(200_000, 'x')
    await done(['put', '-', '/ROOT/large'], { program, dir: node.path, input: bytes })
    const { leaf } = await opened(async ({ store, tree }) => {
      const { content } = store.block(node.root, parseBlockId((await tree.stat('/ROOT/large')).id))!
      const page = await store.piece(content.root)
      return { leaf: page.slice(32, 64) }
    })
    sql('DELETE FROM piece WHERE hash = ?', leaf)
    for (const more of [[], ['--repair'], ['--repair']]) {
      const { ok, findings } = await fsck(...more)
      assert.equal(ok, false)
      const left = findings.filter(({ repaired }) => !repaired)
      assert.match(left.at(-1)!.says, /\/large: bytes 65536 to 131072 are lost: /)
    }
    const told = await run(['fsck', '--repair'], { program, dir: node.path })
    assert.match(told.err, /put a lost file again, or remove it/)
    await ok('rm /ROOT/large')
    assert.deepEqual((await fsck('--repair')).findings, [])
  })

  it('opens a store that was put back from a backup when it is told to, and only then', async () => {
    const store = join(node.path, 'store')
    const names = readdirSync(store).filter(name => name !== 'freshness')
    const backup = new Map(names.map(name => [name, readFileSync(join(store, name))]))
    await ok('put - /ROOT/newer', 'x')
    for (const [name, bytes] of backup) writeFileSync(join(store, name), bytes)
    const refused = await run(['ls'], { program, dir: node.path })
    assert.equal(refused.code, 1)
    assert.match(refused.err, /but \d+ was seen.*\n {4}blocktree fsck --accept-rollback opens it/s)
    assert.equal((await run(['fsck'], { program, dir: node.path })).code, 1)
    assert.match(await ok('fsck --accept-rollback'), /: all is well\n$/)
    assert.equal(await ok('ls'), 'c\ndocs/\n')
  })

  it('never lets the root block go, whatever lies in its place', async () => {
    const id = Buffer.from(rootBlockId(node.root), 'hex')
    const header = 'UPDATE block SET header = ? WHERE no = (SELECT no FROM known WHERE id = ?)'
    const right = await opened(async ({ store }) => store.block(node.root, rootBlockId(node.root))!)
    sql(header, Buffer.alloc(9), id)
    const { ok, findings } = await fsck('--repair')
    assert.equal(ok, false)
    assert.match(findings[0]!.says, /in the place of block .* are other bytes/)
    sql(header, right.header, id)
    assert.deepEqual((await fsck()).findings, [])
    assert.equal(await cat('/ROOT/c'), 'content of c')
  })

  it('has nothing to say of a node without a tree of its own', async () => {
    const { root } = JSON.parse(await ok('node status --json')) as { root: string }
    assert.equal(root, node.root)
    sql('DELETE FROM known WHERE 1')
    const { findings } = await fsck()
    assert.ok(findings.length > 0, 'a tree that is gone altogether is noticed all the same')
    const other = await prepareNode()
    node = other
    await opened(async directory => directory.configure({ root: (await thief()).principal }))
    assert.deepEqual((await fsck()).findings, [])
  })
})
