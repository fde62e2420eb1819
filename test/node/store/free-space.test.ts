import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { rounded } from '../../../node/store/data-file.ts'
import { FreeSpace, type Extent } from '../../../node/store/free-space.ts'

/** A table of extents as the store has it, in the order of their places. */
function tableOf(used: Map<number, number>) {
  return (at: number, limit: number): Extent[] =>
    [...used]
      .filter(([start]) => start >= at)
      .sort(([a], [b]) => a - b)
      .slice(0, limit)
      .map(([at, length]) => ({ at, length }))
}

/** The bytes of the file are used once at most, and what is free is what is left. */
function expectWhole(used: Map<number, number>, space: FreeSpace): void {
  let end = 0
  let free = 0
  for (const [at, length] of [...used].sort(([a], [b]) => a - b)) {
    assert.ok(at >= end && at % 512 === 0, `${at} lies within what ends at ${end}`)
    free += at - end
    end = at + rounded(length)
  }
  assert.ok(space.end >= end)
  if (space.complete) assert.equal(space.free, free + space.end - end)
}

const length = fc.integer({ min: 1, max: 20_000 })
const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ put: length, append: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ drop: fc.nat() }) },
  ),
  { maxLength: 200 },
)

describe('free space', () => {
  it('is given once, and found again when it is given back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(length, fc.nat(3000)), { maxLength: 50 }),
        steps,
        (first, all) => {
          const used = new Map<number, number>()
          let at = 0
          for (const [length, gap] of first) {
            at += rounded(gap)
            used.set(at, length)
            at += rounded(length)
          }
          const space = new FreeSpace(at, tableOf(new Map(used)))
          const own = new Map<number, number>()
          for (const step of all) {
            if ('put' in step) {
              const at = space.allocate(step.put, step.append)
              assert.ok(at !== undefined || !step.append)
              if (at === undefined) continue
              assert.ok(!used.has(at))
              used.set(at, step.put)
              own.set(at, step.put)
            } else {
              const places = space.complete ? [...used] : [...own]
              const [at, length] = places[step.drop % Math.max(1, places.length)] ?? []
              if (at === undefined || length === undefined) continue
              used.delete(at)
              own.delete(at)
              space.release({ at, length })
            }
            expectWhole(used, space)
          }
          while (!space.complete) space.look()
          expectWhole(used, space)
          for (const [at, length] of used) space.release({ at, length })
          assert.deepEqual([space.end, space.free], [0, 0])
        },
      ),
    )
  })

  it('of thousands of holes is found without looking at all', () => {
    const used = new Map(Array.from({ length: 9000 }, (_, i) => [i * 2048, 1024]))
    const space = new FreeSpace(8999 * 2048 + 1024, tableOf(used))
    let holes = 0
    for (; space.allocate(1024, false) !== undefined; holes++);
    assert.equal(holes, 8999)
    assert.equal(space.allocate(1024, true), 8999 * 2048 + 1024)
  })
})
