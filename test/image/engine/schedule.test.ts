import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { order, runAll, type Task } from '../../../image/engine/schedule.ts'

/** `a: b c` is a task that needs two others. */
function tasks(...lines: string[]): Map<string, Task> {
  return new Map(
    lines.map(line => {
      const [name = '', needs = ''] = line.split(/: ?/)
      return [name, { name, needs: needs.split(' ').filter(Boolean) }]
    }),
  )
}
const names = (list: readonly Task[]) => list.map(({ name }) => name).join(' ')
const never = new AbortController().signal

/** Tasks that end when told to; what runs is in the list. */
function controlled() {
  const running = new Map<string, PromiseWithResolvers<void>>()
  const started: string[] = []
  return {
    started,
    running: () => [...running.keys()].sort().join(' '),
    run: (task: Task) => {
      const end = Promise.withResolvers<void>()
      running.set(task.name, end)
      started.push(task.name)
      return end.promise.finally(() => running.delete(task.name))
    },
    async end(name: string, error?: Error) {
      if (error === undefined) running.get(name)!.resolve()
      else running.get(name)!.reject(error)
      await new Promise(done => setImmediate(done))
    },
  }
}

describe('the order of tasks', () => {
  it('puts every need first, each task once, and only what the goals need', () => {
    const graph = tasks('image: root uki', 'root: base', 'uki: root base', 'base', 'other: base')
    assert.equal(names(order(graph, ['image'])), 'base root uki image')
    assert.equal(names(order(graph, ['uki', 'other', 'uki'])), 'base root uki other')
    assert.equal(names(order(graph, [])), '')
  })

  it('is the same at every call, and for every order of definition', () => {
    const lines = ['a: c b', 'b: d', 'c: d', 'd']
    assert.equal(names(order(tasks(...lines), ['a'])), 'd c b a')
    assert.equal(names(order(tasks(...lines.toReversed()), ['a'])), 'd c b a')
  })

  const CIRCLES: [string[], string][] = [
    [['a: a'], 'a -> a'],
    [['a: b', 'b: a'], 'a -> b -> a'],
    [['a: x b', 'x', 'b: c', 'c: d', 'd: b'], 'b -> c -> d -> b'],
  ]
  for (const [lines, circle] of CIRCLES)
    it(`names the circle ${circle}`, () => {
      assert.throws(() => order(tasks(...lines), ['a']), {
        code: 'GRAPH_CYCLE',
        message: `recipes need each other in a circle: ${circle}`,
      })
    })

  it('names what is missing, who needs it, and what was probably meant', () => {
    const graph = tasks('image: root', 'root: bsae', 'base')
    assert.throws(() => order(graph, ['image']), {
      code: 'GRAPH_MISSING',
      message: 'root needs bsae, and recipes/bsae.ts does not exist; did you mean base?',
    })
    assert.throws(() => order(graph, ['zzzzzz']), {
      code: 'GRAPH_MISSING',
      message: 'there is no recipe zzzzzz, and recipes/zzzzzz.ts does not exist',
    })
  })

  it('takes chains that are longer than a stack is deep', () => {
    const graph = tasks(...Array.from({ length: 50_000 }, (_, i) => `t${i}: t${i + 1}`), 't50000')
    const sorted = order(graph, ['t0'])
    assert.deepEqual([sorted.length, sorted[0]!.name], [50_001, 't50000'])
  })
})

describe('running tasks', () => {
  it('starts what it can, at most so many at once, each after its needs', async () => {
    const { run, end, running } = controlled()
    const all = runAll(order(tasks('z: a b c', 'a', 'b', 'c'), ['z']), 2, never, run)
    assert.equal(running(), 'a b')
    await end('b')
    assert.equal(running(), 'a c')
    await end('a')
    assert.equal(running(), 'c')
    await end('c')
    assert.equal(running(), 'z')
    await end('z')
    await all
  })

  it('starts the longest chain first', async () => {
    const { run, end, started } = controlled()
    const graph = tasks('z: short long3', 'short', 'long3: long2', 'long2: long1', 'long1')
    const all = runAll(order(graph, ['z']), 1, never, run)
    for (const name of ['long1', 'long2']) await end(name)
    assert.deepEqual(started.slice(0, 2), ['long1', 'long2'])
    assert.equal(started.includes('z'), false)
    await end(started[2]!)
    await end(started[3]!)
    await end('z')
    await all
  })

  it('starts nothing new after a failure, waits for what runs, and throws the first', async () => {
    const { run, end, running, started } = controlled()
    const all = runAll(order(tasks('z: a b c', 'a', 'b', 'c'), ['z']), 2, never, run)
    let settled = false
    const outcome = all.catch((error: Error) => error.message).finally(() => (settled = true))
    await end('a', new Error('first'))
    assert.deepEqual([running(), settled], ['b', false])
    await end('b', new Error('second'))
    assert.equal(await outcome, 'first')
    assert.deepEqual(started, ['a', 'b'])
  })

  it('starts nothing new once it is stopped, and throws why when what runs has ended', async () => {
    const stop = new AbortController()
    const { run, end, started } = controlled()
    const all = runAll(order(tasks('z: a b', 'a', 'b'), ['z']), 1, stop.signal, run)
    stop.abort(new Error('stopped'))
    await Promise.all([end('a'), assert.rejects(all, /stopped/)])
    assert.deepEqual(started, ['a'])
    await assert.rejects(
      runAll([{ name: 'x', needs: [] }], 1, stop.signal, () => assert.fail('started')),
      /stopped/,
    )
  })

  it('counts a need that is named twice once', async () => {
    const ran: string[] = []
    const graph = tasks('z: a a', 'a')
    await runAll(order(graph, ['z']), 4, never, async ({ name }) => void ran.push(name))
    assert.deepEqual(ran, ['a', 'z'])
  })

  it('keeps the order on random graphs, and runs every task once', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      let state = seed
      const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below
      const lines = Array.from({ length: 60 }, (_, i) => {
        const needs = Array.from({ length: random(4) }, () => random(Math.max(1, i)))
        return `t${i}: ${i === 0 ? '' : needs.map(n => `t${n}`).join(' ')}`
      })
      const graph = tasks(...lines)
      const sorted = order(graph, [...graph.keys()])
      const done = new Set<string>()
      let now = 0
      let most = 0
      await runAll(sorted, 3, never, async ({ name, needs }) => {
        most = Math.max(most, ++now)
        for (const need of needs) assert.ok(done.has(need), `${name} before ${need}, seed ${seed}`)
        for (let i = random(4); i > 0; i--) await new Promise(next => setImmediate(next))
        assert.equal(done.has(name), false)
        done.add(name)
        now--
      })
      assert.equal(done.size, 60)
      assert.ok(most > 1 && most <= 3, `${most} at once`)
    }
  })

  it('takes ten thousand tasks', async () => {
    const graph = tasks(
      ...Array.from({ length: 10_000 }, (_, i) => `t${i}: ${i < 10 ? '' : `t${i - 1} t${i - 10}`}`),
    )
    let count = 0
    await runAll(order(graph, ['t9999']), 2, never, async () => void count++)
    assert.equal(count, 10_000)
  })
})
