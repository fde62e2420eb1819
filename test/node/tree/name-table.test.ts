import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { newBlockId } from '../../../node/block/id.ts'
import { decodeBucket, encodeBucket, type Entry } from '../../../node/tree/bucket.ts'
import { hashOf } from '../../../node/tree/linear-hash.ts'
import { BUCKET_BYTES, NameTable, type TableState } from '../../../node/tree/name-table.ts'
import { repeatable } from '../crypto/fixed.ts'

const random = repeatable('names')
const entry = (name: string): Entry => ({ name, id: newBlockId(random), kind: 'file' })

/** What a directory keeps: buckets as bytes, and the numbers beside them. */
class Kept {
  buckets: Uint8Array[] = []
  state: TableState = { buckets: 0, entries: 0, weight: 0 }
  loads = 0

  table(): NameTable {
    return new NameTable(this.state, async i => {
      this.loads++
      return decodeBucket(this.buckets[i]!)
    })
  }

  keep(table: NameTable): number {
    for (const [i, names] of table.changed) this.buckets[i] = encodeBucket(names.values())
    this.state = table.state
    this.buckets.length = this.state.buckets
    return table.changed.size
  }
}

describe('the names of a directory', () => {
  it('are those of a plain map, whatever is added and taken away (fast-check)', async () => {
    const name = fc.oneof(
      fc.integer({ min: 0, max: 400 }).map(n => `name ${n}`),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).filter(usable),
    )
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ add: name }) },
      { weight: 4, arbitrary: fc.record({ remove: name }) },
      { weight: 1, arbitrary: fc.record({ reopen: fc.constant(true) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 300, size: 'max' }), async steps => {
        const kept = new Kept()
        const model = new Map<string, Entry>()
        let table = kept.table()
        for (const one of steps)
          if ('add' in one) {
            const added = entry(one.add)
            model.set(one.add, added)
            await table.set(added)
          } else if ('remove' in one) {
            assert.equal(await table.delete(one.remove), model.delete(one.remove))
          } else {
            kept.keep(table)
            table = kept.table()
          }
        kept.keep(table)
        const found = await kept.table().list()
        assert.deepEqual(found, [...model.values()].sort(byBytes))
        assert.equal(table.state.entries, model.size)
        for (const name of model.keys()) assert.deepEqual(await table.get(name), model.get(name))
      }),
      { numRuns: 30 },
    )
  })

  it('are found, added and removed with a few buckets of thousands', async () => {
    const kept = new Kept()
    const table = kept.table()
    for (let i = 0; i < 20_000; i++) await table.set(entry(`photo-${i}.jpg`))
    kept.keep(table)
    assert.ok(kept.state.buckets > 400, `${kept.state.buckets} buckets`)
    const touched = async (work: (table: NameTable) => Promise<unknown>) => {
      const table = kept.table()
      kept.loads = 0
      await work(table)
      return { loads: kept.loads, changed: kept.keep(table) }
    }
    const found = await touched(table => table.get('photo-12345.jpg'))
    assert.deepEqual(found, { loads: 1, changed: 0 })
    for (let i = 0; i < 200; i++) {
      const added = await touched(table => table.set(entry(`new ${i}`)))
      assert.ok(added.loads <= 2 && added.changed <= 3, JSON.stringify(added))
    }
    for (let i = 0; i < 200; i++) {
      const removed = await touched(table => table.delete(`photo-${i}.jpg`))
      assert.ok(removed.loads <= 4 && removed.changed <= 2, JSON.stringify(removed))
    }
  })

  it('take less room again when most of them are removed', async () => {
    const kept = new Kept()
    const table = kept.table()
    for (let i = 0; i < 5000; i++) await table.set(entry(`${i}`))
    const most = table.state.buckets
    for (let i = 0; i < 4990; i++) await table.delete(`${i}`)
    kept.keep(table)
    assert.ok(kept.state.buckets < most / 20, `${kept.state.buckets} of ${most}`)
    assert.equal((await kept.table().list()).length, 10)
    for (let i = 4990; i < 5000; i++) await table.delete(`${i}`)
    assert.deepEqual(table.state, { buckets: 0, entries: 0, weight: 0 })
  })

  it('chosen so that all of them belong into one bucket are refused at last, the others are not', async () => {
    const kept = new Kept()
    const table = kept.table()
    const chosen: string[] = []
    for (let i = 0; chosen.length < 2000; i++)
      if (hashOf(`name ${i}`) % 256 === 7) chosen.push(`name ${i}`)
    let added = 0
    const add = async () => {
      for (const name of chosen) {
        await table.set(entry(name))
        added++
      }
    }
    await assert.rejects(add(), { code: 'TREE_FULL' })
    assert.ok(added > 1000, `${added} were added`)
    await table.set(entry('another'))
    kept.keep(table)
    assert.equal((await kept.table().list()).length, added + 1)
  })

  it('fill buckets to about what is meant', async () => {
    const kept = new Kept()
    const table = kept.table()
    for (let i = 0; i < 3000; i++) await table.set(entry(`a name of usual length ${i}.txt`))
    kept.keep(table)
    const bytes = kept.buckets.reduce((sum, bucket) => sum + bucket.length, 0)
    const mean = bytes / kept.buckets.length
    assert.ok(mean > BUCKET_BYTES * 0.8 && mean <= BUCKET_BYTES, `${mean} bytes on the average`)
  })
})

const byBytes = (a: Entry, b: Entry) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))
function usable(name: string): boolean {
  return !/[/\0]|^\.{1,2}$|^\ufeff/.test(name) && name.isWellFormed()
}
