/** `bt run` as a person meets it: builds, boots, prints the address, stops on Ctrl-C. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { BUILD, REPO } from '../../image/paths.ts'
import { getPage } from '../../image/qemu/page.ts'
import { allGone, running } from '../image/qemu/processes.ts'
import { bootable } from './built.ts'

type Event = { event: string; url?: string; clean?: boolean; why?: string }

describe('bt run', () => {
  const build = mkdtempSync(join(tmpdir(), 'bt-run-'))
  before(async () => {
    await bootable()
    // The bundle of bt as it is in the checkout, in a build folder of our own.
    cpSync(join(BUILD, 'bt'), join(build, 'bt'), { recursive: true })
  })
  after(() => rmSync(build, { recursive: true, force: true }))

  function bt(...args: string[]): ChildProcess {
    return spawn(join(REPO, 'image', 'bt'), ['run', ...args], {
      env: { ...process.env, BT_BUILD: build },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }

  it('prints the address once the page answers, and Ctrl-C switches the machine off', async () => {
    const child = bt('--json')
    const ended = once(child, 'close')
    const events: Event[] = []
    for await (const line of createInterface(child.stdout!)) {
      const event = JSON.parse(line) as Event
      events.push(event)
      if (event.event !== 'ready') continue
      const port = Number(new URL(event.url!).port)
      assert.equal((await getPage(port, '/healthz', 30_000)).status, 200)
      // A second one for the same folder is refused, and does no harm.
      const second = bt('--json')
      const [text] = (await once(second.stdout!, 'data')) as [Buffer]
      assert.match(`${text}`, /STATE_IN_USE/)
      assert.deepEqual(await once(second, 'close'), [1, null])
      child.kill('SIGINT')
    }
    assert.deepEqual(await ended, [0, null], JSON.stringify(events, null, 1))
    assert.deepEqual(
      events.map(({ event }) => event).filter(event => event !== 'emulating'),
      ['boot', 'ready', 'stopping', 'off'],
    )
    assert.equal(events.at(-1)!.clean, true)
    assert.deepEqual(running(build), [])
  })

  it('leaves nothing running when it is killed', async () => {
    const child = bt('--json')
    for await (const line of createInterface(child.stdout!))
      if ((JSON.parse(line) as Event).event === 'boot') break
    while (running(join(build, 'qemu-x86_64')).length < 2)
      await new Promise(resolve => setTimeout(resolve, 50))
    child.kill('SIGKILL')
    assert.deepEqual(await allGone(join(build, 'qemu-x86_64')), [])
  })

  for (const [args, message] of [
    [['--kvm', '--tcg'], /exclude each other/],
    [['--port', '70000'], /1 to 65535/],
    [['--dev', '--release'], /exclude each other/],
  ] as const)
    it(`refuses ${args.join(' ')} before it builds anything`, async () => {
      const child = bt('--json', ...args)
      const [text] = (await once(child.stdout!, 'data')) as [Buffer]
      assert.match(`${text}`, message)
      assert.deepEqual(await once(child, 'close'), [2, null])
    })
})
