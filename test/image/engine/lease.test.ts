import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { alive, me } from '../../../image/engine/alive.ts'
import { takeGcLease, takeLease } from '../../../image/engine/lease.ts'
import { folder, type Folder } from './folder.ts'

describe('names of processes', () => {
  it('tell the living from the dead', async () => {
    assert.equal(alive(me), true)
    assert.equal(alive(`${me}.7`), true)
    const child = spawn('sleep', ['60'])
    await once(child, 'spawn')
    const url = JSON.stringify(new URL('../../../image/engine/alive.ts', import.meta.url).href)
    const other = spawn(process.execPath, ['-e', `import(${url}).then(a => console.log(a.me))`])
    const [name] = (await once(other.stdout, 'data')) as [Buffer]
    await once(other, 'exit')
    assert.match(name.toString(), new RegExp(`^${other.pid}-\\d+\n$`))
    assert.equal(alive(name.toString().trim()), false)
    child.kill()
    await once(child, 'exit')
  })

  it('tell a process from a later one of the same number', () => {
    const [pid, ticks] = me.split('-')
    assert.equal(alive(`${pid}-${Number(ticks) - 1}`), false)
    assert.equal(alive(`${pid}-${ticks}0`), false)
    assert.equal(alive(`${pid}`), false)
  })

  it('are none of what is no name', () => {
    for (const name of ['', 'x', '1', '1-', '-1', '0-0', '99999999-1', 'a1-1', '1.0', '../1-1'])
      assert.equal(alive(name), false, name)
  })
})

describe('leases', () => {
  let here: Folder
  beforeEach(() => (here = folder()))
  afterEach(() => here.end())
  const held = () => readdirSync(here.at('leases'))
  /** A process that holds a lease until it is ended. */
  async function holder(call: string) {
    const url = JSON.stringify(new URL('../../../image/engine/lease.ts', import.meta.url).href)
    const script = `import(${url}).then(async l => { await l.${call}; console.log('held') }); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    return { pid: child.pid!, end: async () => (child.kill('SIGKILL'), await once(child, 'exit')) }
  }
  const path = () => JSON.stringify(here.path)

  it('of builds stand beside each other and go when released', async () => {
    const [a, b] = await Promise.all([takeLease(here.path), takeLease(here.path)])
    assert.equal(held().length, 2)
    a.release()
    a.release()
    assert.equal(held().length, 1)
    b.release()
    assert.deepEqual(held(), [])
  })

  it('of a build keep a collection away, with the process that holds it', async () => {
    const build = await holder(`takeLease(${path()})`)
    assert.deepEqual(takeGcLease(here.path), { busy: [build.pid] })
    assert.equal(held().length, 1)
    await build.end()
    const lease = takeGcLease(here.path)
    assert.ok('release' in lease)
    assert.equal(held().length, 1, 'that of the killed build is gone')
    lease.release()
    assert.deepEqual(held(), [])
  })

  it('of a collection make builds wait until it is done, or is dead', async () => {
    const collection = await holder(`takeGcLease(${path()})`)
    let got = false
    const waiting = takeLease(here.path).then(lease => ((got = true), lease))
    await new Promise(done => setTimeout(done, 150))
    assert.equal(got, false)
    await collection.end()
    ;(await waiting).release()
    assert.deepEqual(held(), [])
  })

  it('that are waited for can be given up', async () => {
    const collection = await holder(`takeGcLease(${path()})`)
    const stop = new AbortController()
    const waiting = takeLease(here.path, stop.signal)
    stop.abort()
    await assert.rejects(waiting, { name: 'AbortError' })
    assert.equal(held().length, 1)
    await collection.end()
  })
})
