/** A process that changes a tree is killed at random moments. `BLOCKTREE_KILLS` says how often (40). */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import { laneOf, LANES, stepOf, take } from './crash-steps.ts'
import { Model } from './model.ts'
import { picture } from './picture.ts'
import { plant } from './planted.ts'

const KILLS = Number(process.env['BLOCKTREE_KILLS'] ?? 40)
const CHILD = join(import.meta.dirname, 'crash-child.ts')
/** A file system without a disk: what the kernel was given stays when a process is killed. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
const made = [mkdtempSync(join(tmpdir(), 'bt-compiled-')), mkdtempSync(join(MEMORY, 'bt-crash-'))]
const [compiled, folder] = made as [string, string]

/** @returns how many steps of each lane were done. */
async function runAndKill(round: number): Promise<number[]> {
  const child = spawn(process.execPath, [CHILD, folder, `${round}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Starts in half the time.
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  })
  const closed = once(child, 'close')
  const done = new Array<number>(LANES).fill(0)
  const last = 1 + randomInt(150)
  let all = 0
  for await (const line of createInterface({ input: child.stdout })) {
    done[Number(line)]!++
    if (++all === last) setTimeout(() => child.kill('SIGKILL'), randomInt(8))
  }
  const [, signal] = await closed
  assert.equal(signal, 'SIGKILL')
  return done
}

describe(`a tree whose process is killed, ${KILLS} times in all`, () => {
  after(() => made.forEach(one => rmSync(one, { recursive: true })))

  it('has all that was done, nothing by half, and nothing wrong', async () => {
    let steps = 0
    for (let round = 0; round < KILLS; round++) {
      const done = await runAndKill(round)
      const planted = await plant({ folder })
      try {
        for (const [lane, count] of done.entries()) {
          const base = laneOf(round, lane)
          const found = (await planted.tree.list('/ROOT')).some(({ name }) =>
            base.endsWith(`/${name}`),
          )
            ? await picture(planted.tree, base)
            : undefined
          const model = new Model()
          for (let n = 0; n < count; n++) await take(stepOf(round, lane, n), model)
          const certain = pictureOf(model, base)
          // The step that was under way is done, or it is not.
          await take(stepOf(round, lane, count), model)
          const tried = pictureOf(model, base)
          const [a, b, c] = [found, certain, tried].map(one => JSON.stringify(one))
          assert.ok(
            a === b || a === c,
            `round ${round}, lane ${lane}, ${count} steps:\n${a}\n${b}\n${c}`,
          )
          steps += count
        }
        assert.deepEqual((await planted.tree.check()).findings, [])
        for (const { name } of await planted.tree.list('/ROOT'))
          await planted.tree.remove(`/ROOT/${name}`, { recursive: true })
      } finally {
        await planted.end()
      }
    }
    assert.ok(steps > KILLS * 10, `only ${steps} steps were done`)
  })
})

/** Of what is below `base`; undefined when it is not there. */
function pictureOf(model: Model, base: string): unknown[] | undefined {
  const all = model.picture() as [string][]
  if (!all.some(([path]) => path === base)) return undefined
  return all.filter(([path]) => path.startsWith(`${base}/`))
}
