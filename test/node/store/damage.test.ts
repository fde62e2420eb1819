import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { describe, it } from 'node:test'
import { StoreError } from '../../../node/store/error.ts'
import type { Store } from '../../../node/store/store.ts'
import { repeatable } from '../crypto/fixed.ts'
import { codes, contentOf, findings, hashOf, newFolder, open, TREE, version } from './stored.ts'

const LENGTHS = [65569, 100, 20000, ...Array.from({ length: 40 }, () => 33)]

/** A closed store with two files of two generations each. */
async function filled() {
  const folder = newFolder()
  const store = await open(folder)
  const files = []
  for (let i = 0; i < 2; i++) {
    const old = await contentOf([33, 34])
    const content = await contentOf(LENGTHS)
    const first = await version({ content: old })
    const second = await version({ before: first, content })
    await store.commit({ pieces: old.pieces, blocks: [first] })
    await store.commit({ pieces: content.pieces, blocks: [second] })
    files.push({ id: first.id, first, second, content })
  }
  await store.close()
  return { folder, files: files as [(typeof files)[0], (typeof files)[0]] }
}

function sql(folder: string, statement: string, ...values: SQLInputValue[]): void {
  const db = new DatabaseSync(join(folder, 'store.db'))
  const { changes } = db.prepare(statement).run(...values)
  db.close()
  assert.ok(Number(changes) > 0, `${statement} changed nothing`)
}

async function opened<T>(folder: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await open(folder)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const HEADER = 'UPDATE block SET header = ? WHERE header = ?'

describe('a row that was changed', () => {
  it('with any bit of a header flipped is named when it is read, and when all is checked', async () => {
    const { folder, files } = await filled()
    const [{ id, second }, other] = files
    for (let bit = 0; bit < second.header.length * 8; bit += 577) {
      const bad = Uint8Array.from(second.header)
      bad[bit >> 3]! ^= 1 << (bit & 7)
      sql(folder, HEADER, bad, second.header)
      await opened(folder, async store => {
        assert.throws(() => store.block(TREE, id), { name: 'StoreError', code: 'STORE_DAMAGED' })
        assert.ok(store.block(TREE, other.id))
        assert.deepEqual(codes(await findings(store)), ['STORE_DAMAGED'])
      })
      sql(folder, HEADER, second.header, bad)
    }
  })

  it('to the header of another block is named as swapped', async () => {
    const { folder, files } = await filled()
    const [a, b] = files
    sql(folder, HEADER, a.first.header, a.second.header)
    sql(folder, HEADER, a.second.header, b.second.header)
    sql(folder, HEADER, b.second.header, a.first.header)
    await opened(folder, async store => {
      for (const { id } of files)
        assert.throws(() => store.block(TREE, id), {
          code: 'STORE_SWAPPED',
          message: new RegExp(`in the place of block ${id} .* is that of block`),
        })
      assert.deepEqual(codes(await findings(store)), ['STORE_SWAPPED', 'STORE_SWAPPED'])
    })
  })

  it('to an older header is named as replayed', async () => {
    const { folder, files } = await filled()
    const [{ id, first, second }] = files
    sql(folder, HEADER, first.header, second.header)
    await opened(folder, async store => {
      assert.throws(() => store.block(TREE, id), {
        code: 'STORE_REPLAYED',
        message: /generation 2, is another version, generation 1: /,
      })
      assert.deepEqual(codes(await findings(store)), ['STORE_REPLAYED'])
    })
  })

  it('together with what was seen of it is named when all is checked', async () => {
    const { folder, files } = await filled()
    const [{ first, second }] = files
    sql(folder, HEADER, first.header, second.header)
    sql(
      folder,
      'UPDATE block SET root = ?, count = 2 WHERE header = ?',
      first.content.root,
      first.header,
    )
    const known = 'UPDATE known SET hash = ?, generation = 1 WHERE hash = ?'
    sql(folder, known, hashOf(first.header), hashOf(second.header))
    await opened(folder, async store => {
      const found = await findings(store, true)
      assert.deepEqual(codes(found), ['STORE_REPLAYED'])
      assert.match(found[0]!.message, /rows were put back, or removed$/)
      assert.deepEqual(await findings(store), [], 'it is taken as it is after a repair')
    })
  })

  it('to a header of another tree is named as foreign', async () => {
    const { folder, files } = await filled()
    const [{ id, second }] = files
    const { header } = await version({ id, owner: 'other', generation: 2n })
    sql(folder, HEADER, header, second.header)
    await opened(folder, async store => {
      assert.throws(() => store.block(TREE, id), { code: 'STORE_FOREIGN' })
      assert.deepEqual(codes(await findings(store)), ['STORE_FOREIGN'])
    })
  })

  const ROWS: [what: string, statement: string, code: string][] = [
    ['names other sectors', 'UPDATE block SET count = 3 WHERE no = 1', 'STORE_DAMAGED'],
    ['names another root', 'UPDATE block SET root = zeroblob(32) WHERE no = 1', 'STORE_DAMAGED'],
    ['is gone', 'DELETE FROM block WHERE no = 1', 'STORE_DAMAGED'],
    ['has lost its acceptance', 'UPDATE block SET acceptance = 7 WHERE no = 1', 'STORE_DAMAGED'],
    [
      'belongs to nothing',
      "INSERT INTO block SELECT 99, root, count, acceptance, x'00' FROM block LIMIT 1",
      'STORE_FOREIGN',
    ],
    ['is of an unknown tree', 'UPDATE known SET tree = 9', 'STORE_FOREIGN'],
    ['of a small piece is gone', 'DELETE FROM small WHERE no = 4', 'STORE_DAMAGED'],
    ['of a small piece is shorter', "UPDATE small SET bytes = x'00' WHERE no > 3", 'STORE_DAMAGED'],
    [
      'of a small piece is another',
      'UPDATE small SET bytes = zeroblob(33) WHERE no > 3 AND length(bytes) = 33',
      'STORE_DAMAGED',
    ],
    [
      'of a page is another',
      'UPDATE small SET bytes = zeroblob(length(bytes)) WHERE length(bytes) > 200',
      'STORE_DAMAGED',
    ],
    ['of a piece is gone', 'DELETE FROM piece WHERE place > 0', 'STORE_PIECE_MISSING'],
    [
      'of a piece lies elsewhere',
      'UPDATE piece SET place = 512 WHERE place > 512',
      'STORE_DAMAGED',
    ],
    ['of totals is another', 'UPDATE state SET pieces = pieces + 1', 'STORE_DAMAGED'],
  ]
  for (const [what, statement, code] of ROWS)
    it(`that ${what} is found`, async () => {
      const { folder } = await filled()
      sql(folder, statement)
      await opened(folder, async store => {
        const found = await findings(store)
        assert.ok(codes(found).includes(code as never), JSON.stringify(found))
      })
    })
})

describe('pieces that are damaged', () => {
  it('are removed by a repair, and whole again when they are put anew', async () => {
    const { folder, files } = await filled()
    sql(folder, 'UPDATE small SET bytes = zeroblob(33) WHERE no > 3 AND length(bytes) = 33')
    const path = join(folder, 'sectors')
    const bytes = readFileSync(path)
    bytes[70000]! ^= 4
    writeFileSync(path, bytes)
    await opened(folder, async store => {
      const found = await findings(store, true)
      assert.ok(
        found.length > 60 &&
          found.every(({ code, repaired }) => code === 'STORE_DAMAGED' && repaired),
      )
      const left = await findings(store)
      assert.ok(left.length > 60 && left.every(({ code }) => code === 'STORE_PIECE_MISSING'))
      await store.commit({ pieces: files.flatMap(({ content }) => content.pieces) })
      assert.deepEqual(await findings(store), [])
    })
  })

  it('by a data file that was cut off are named, and all others are there', async () => {
    const { folder, files } = await filled()
    truncateSync(join(folder, 'sectors'), 70000)
    await opened(folder, async store => {
      const large = files.flatMap(({ content }) =>
        content.pieces.filter(p => p.bytes.length > 16384),
      )
      const reads = await Promise.allSettled(large.map(({ hash }) => store.piece(hash)))
      assert.deepEqual(
        reads.map(({ status }) => status),
        ['fulfilled', 'rejected', 'rejected', 'rejected'],
      )
      for (const read of reads)
        if (read.status === 'rejected') {
          assert.equal(read.reason.code, 'STORE_DAMAGED')
          assert.match(
            read.reason.message,
            /sectors ends at 70000, but \d+ bytes at \d+ belong to it/,
          )
        }
      assert.equal(codes(await findings(store)).filter(code => code === 'STORE_DAMAGED').length, 4)
    })
  })

  it('by a data file that is gone are named', async () => {
    const { folder, files } = await filled()
    rmSync(join(folder, 'sectors'))
    await opened(folder, async store => {
      await assert.rejects(store.piece(files[0].content.pieces[0]!.hash), { code: 'STORE_DAMAGED' })
    })
  })
})

describe('a database file that was damaged', () => {
  it('by being cut anywhere, or overwritten, gives what was stored or an error with a code', async () => {
    const { folder, files } = await filled()
    const path = join(folder, 'store.db')
    const whole = readFileSync(path)
    const random = repeatable('damage')
    const number = (below: number) => Buffer.from(random(4)).readUInt32BE() % below
    let named = 0
    for (let i = 0; i < 60; i++) {
      const bad = Buffer.from(whole)
      const at = number(bad.length)
      if (i % 3 === 0) bad.set(random(1 + number(60)), Math.min(at, bad.length - 60))
      if (i % 3 === 1) bad.copyWithin(at - (at % 4096), number(bad.length / 4096) * 4096, at)
      writeFileSync(path, i % 3 === 2 ? bad.subarray(0, at) : bad)
      for (const extra of ['store.db-wal', 'freshness'])
        rmSync(join(folder, extra), { force: true })
      const expectNamed = (error: unknown) => {
        if (!(error instanceof StoreError)) throw error
        named++
      }
      let store
      try {
        store = await open(folder, { acceptRollback: true })
      } catch (error) {
        expectNamed(error)
        continue
      }
      for (const { id, first, second, content } of files) {
        try {
          const block = store.block(TREE, id)
          if (block)
            assert.ok([first, second].some(v => Buffer.compare(v.header, block.header) === 0))
        } catch (error) {
          expectNamed(error)
        }
        for (const { hash } of content.pieces) await store.piece(hash).catch(expectNamed)
      }
      named += (await findings(store).catch(error => [expectNamed(error)])).length
      await store.close().catch(expectNamed)
    }
    assert.ok(named > 100, `${named} errors`)
  })

  it('or is another program’s, or of a later format, is named', async () => {
    const { folder } = await filled()
    const db = new DatabaseSync(join(folder, 'store.db'))
    db.exec('PRAGMA user_version = 2')
    db.close()
    const later = { code: 'STORE_VERSION', message: /is of format 2, this program reads 1/ }
    await assert.rejects(open(folder), later)
    const other = newFolder()
    const store = await open(other)
    await store.close()
    rmSync(join(other, 'store.db'))
    const foreign = new DatabaseSync(join(other, 'store.db'))
    foreign.exec('CREATE TABLE x (y)')
    foreign.close()
    await assert.rejects(open(other), { code: 'STORE_VERSION', message: /of another program/ })
    writeFileSync(join(other, 'store.db'), 'not a database at all, but long enough to look at')
    await assert.rejects(open(other), { code: 'STORE_DAMAGED' })
  })
})

describe('freshness', () => {
  const rolledBack = { name: 'StoreError', code: 'STORE_ROLLED_BACK' }

  it('names a database that was put back, until that is accepted', async () => {
    const { folder, files } = await filled()
    const [path, backup] = [join(folder, 'store.db'), join(folder, 'backup')]
    copyFileSync(path, backup)
    const later = await version()
    await opened(folder, store => store.commit({ blocks: [later] }))
    copyFileSync(backup, path)
    await assert.rejects(open(folder), {
      ...rolledBack,
      message: /ends at transaction 6, but 7 was seen/,
    })
    await assert.rejects(open(folder), rolledBack)
    const store = await open(folder, { acceptRollback: true })
    assert.equal(store.block(TREE, later.id), undefined)
    assert.ok(store.block(TREE, files[0].id))
    await store.close()
    await opened(folder, store => store.commit({ blocks: [later] }))
  })

  it('names one that went another way', async () => {
    const { folder } = await filled()
    const [path, backup] = [join(folder, 'store.db'), join(folder, 'backup')]
    const [fresh, witness] = [join(folder, 'freshness'), join(folder, 'witness')]
    copyFileSync(path, backup)
    const write = async () =>
      opened(folder, async store => store.commit({ blocks: [await version()] }))
    for (let i = 0; i < 3; i++) await write()
    copyFileSync(fresh, witness)
    copyFileSync(backup, path)
    rmSync(fresh)
    await (await open(folder, { acceptRollback: true })).close()
    await write()
    copyFileSync(witness, fresh)
    await assert.rejects(open(folder), {
      ...rolledBack,
      message: /went another way to transaction 9/,
    })
  })

  it('names a witness that is gone or wholly damaged, not one that was half written', async () => {
    const { folder } = await filled()
    const path = join(folder, 'freshness')
    const whole = readFileSync(path)
    const bad = Buffer.from(whole)
    // Transaction 6 is in the first record, 5 in the second.
    bad.fill(7, 30, 512)
    writeFileSync(path, bad)
    await opened(folder, async () => {})
    bad.fill(7)
    writeFileSync(path, bad)
    await assert.rejects(open(folder), rolledBack)
    rmSync(path)
    await assert.rejects(open(folder), { ...rolledBack, message: /is missing or damaged/ })
    writeFileSync(path, whole)
    await opened(folder, async () => {})
  })
})
