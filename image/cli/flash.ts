/** `bt flash`: writes an image to a disk, asks before and checks after. */
import { createInterface } from 'node:readline/promises'
import { flashImage, type Flashed, type FlashProgress } from '../disk/flash.ts'
import { FlashError } from '../disk/flash-error.ts'
import { openSource, type Source } from '../disk/flash-source.ts'
import { examine, type Target } from '../disk/target.ts'
import type { Command, Io } from './command.ts'
import { bytes, duration, progress, type Progress, type Task } from './progress.ts'

export const flash: Command = {
  name: 'flash',
  about: 'Write an image to a disk, and check what was written.',
  positionals: [
    {
      name: 'IMAGE',
      about: 'a .img or .img.zst file; its .bmap beside it is used',
      completes: 'file',
    },
    { name: 'DEVICE', about: 'a whole disk such as /dev/sdb, or a file', completes: 'file' },
  ],
  options: [
    {
      name: 'yes',
      short: 'y',
      type: 'boolean',
      about: 'do not ask; needed where there is no terminal',
    },
    { name: 'no-verify', type: 'boolean', about: 'do not read back what was written' },
  ],
  examples: [
    ['bt flash build/qemu-x86_64/dev-0.1.0/blocktree.img /dev/sdb', 'asks, writes, reads back'],
    ['bt flash blocktree.img.zst disk.img --yes', 'unpacks while writing, here into a file'],
  ],

  async run({ positionals, values, json, io }) {
    const [image, device] = positionals as [string, string]
    const source = await openSource(image)
    const target = examine(device)
    if (target.bytes >= source.bytes && values['yes'] !== true) await confirm(target, io)
    const shown = progress()
    const begun = performance.now()
    const meter = rateMeter(shown)
    let result: Flashed
    try {
      const verify = values['no-verify'] !== true
      const { signal } = io
      result = await flashImage({ source, target, verify, signal, onProgress: meter.onProgress })
    } catch (error) {
      meter.failed()
      shown.end('')
      // The CLI says no more than 'stopped' of what was stopped on request.
      if (error instanceof FlashError && error.code === 'FLASH_ABORTED') io.err(error.message)
      throw error
    }
    meter.done()
    shown.end('')
    report(result, source, target, performance.now() - begun, json, io)
    return 0
  },
}

/** What is about to be lost, in one line. */
export function describe({
  path,
  kind,
  bytes: size,
  model,
  serial,
  removable,
  partitions,
}: Target) {
  if (kind === 'file') return `${path} (a file of ${bytes(size)})`
  const parts = [
    model || 'unknown model',
    serial === '' ? 'no serial number' : `serial ${serial}`,
    bytes(size),
    removable ? 'removable' : 'not removable',
    partitions.length === 0
      ? 'no partitions'
      : `partitions ${partitions.map(p => `${p.name} ${bytes(p.size)}`).join(', ')}`,
  ]
  return `${path} (${parts.join(', ')})`
}

/** @throws {FlashError} `FLASH_NOT_CONFIRMED` when the answer is not yes, or nobody can answer. */
async function confirm(target: Target, io: Io): Promise<void> {
  const what = describe(target)
  if (!io.tty || !process.stdin.isTTY)
    throw new FlashError(
      'FLASH_NOT_CONFIRMED',
      `everything on ${what} would be lost, and there is no terminal to ask on: add --yes`,
    )
  io.err(`Everything on ${what} will be lost.`)
  // The terminal edits the line itself, so that Ctrl-C reaches the process.
  const lines = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: false,
  })
  // A closed terminal is no answer, and readline would wait for ever.
  const closed = new Promise<string>(resolve => lines.once('close', () => resolve('')))
  try {
    const asked = lines.question('Type yes to go on: ', { signal: io.signal })
    const answer = await Promise.race([asked, closed])
    if (answer.trim().toLowerCase() === 'yes') return
  } finally {
    lines.close()
  }
  throw new FlashError('FLASH_NOT_CONFIRMED', `not confirmed: ${target.path} is as it was`)
}

type Meter = { onProgress: FlashProgress; done(): void; failed(): void }

/** Shows each phase as a task with bytes, rate and time left. */
function rateMeter(shown: Progress): Meter {
  shown.expect(2)
  let phase = ''
  let task: Task | undefined
  let since = 0
  let total = 0
  const rate = (n: number) => `${bytes((n * 1000) / Math.max(1, performance.now() - since))}/s`
  const done = () => task?.done(`${bytes(total)} at ${rate(total)}`)
  return {
    done,
    failed: () => task?.failed(''),
    onProgress(next, n, all) {
      if (next !== phase) {
        done()
        task = shown.task(next)
        phase = next
        since = performance.now()
      }
      total = all
      const left = n === 0 ? 0 : ((performance.now() - since) * (all - n)) / n
      task?.update(`${bytes(n)} of ${bytes(all)}, ${rate(n)}, ${duration(left)} left`)
    },
  }
}

function report(
  { written, verified }: Flashed,
  { path: image, map }: Source,
  { path: device, model, serial }: Target,
  ms: number,
  json: boolean,
  io: Io,
): void {
  const seconds = Number((ms / 1000).toFixed(3))
  if (json) {
    io.out(JSON.stringify({ image, device, model, serial, written, seconds, map, verified }))
    return
  }
  const checked = {
    disk: 'read back from the disk and compared',
    cache: 'read back and compared, but the disk could not be read past the cache',
    no: 'not checked',
  }[verified]
  io.out(`${device}: ${bytes(written)} in ${duration(ms)}, ${checked}`)
}
