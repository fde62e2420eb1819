/**
 * Shows how far a build is. On a terminal a live region at the bottom: what is done, what runs and
 * since when; otherwise one line per finished task. Lines printed meanwhile stand above the region.
 */
import { stripVTControlCharacters } from 'node:util'
import { colourful, colours } from './colour.ts'

export type Task = {
  /** What the task does right now: `3.1 of 12.0 MB`, `step 2 of 4`. Shown only on a terminal. */
  update(text: string): void
  /** Ends the task; the note stands behind its name. */
  done(note: string): void
  failed(note: string): void
}

export type Progress = {
  /** Begins a task; the name is what people read. */
  task(name: string): Task
  /** How many tasks there will be, once known; shown as done/total. */
  expect(total: number): void
  /** A line that stays. */
  line(text: string): void
  /** Removes the region and prints the closing line, if there is one. */
  end(summary: string): void
}

/** Where progress is drawn, in characters. */
export type Screen = {
  write(text: string): void
  /** Draws a live region; false prints lines only. */
  readonly tty: boolean
  readonly columns: () => number
  /** Milliseconds, monotonic. */
  readonly now: () => number
  readonly colour: boolean
}

const REDRAW_MS = 100
/** Running tasks shown by name; the rest is counted. */
const SHOWN = 8

/** `0.4 s`, `12 s`, `3 min 05 s` */
export function duration(ms: number): string {
  const s = ms / 1000
  if (s < 9.95) return `${s.toFixed(1)} s`
  if (s < 59.5) return `${Math.round(s)} s`
  const whole = Math.round(s)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

/** `512 B`, `1.5 kB`, `12.3 MB`: powers of 1000. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let power = 0
  while (count >= 999.95 && power < units.length - 1) {
    count /= 1000
    power++
  }
  return `${power === 0 ? count : count.toFixed(1)} ${units[power]}`
}

/** Standard error of this process. */
export function standardError(): Screen {
  const tty = process.stderr.isTTY === true && process.env['TERM'] !== 'dumb'
  return {
    write: text => void process.stderr.write(text),
    tty,
    columns: () => process.stderr.columns || 80,
    now: () => performance.now(),
    colour: colourful(tty),
  }
}

/** Draws on the terminal, or prints lines where there is none; the caller must `end` it. */
export function progress(screen: Screen = standardError()): Progress {
  const c = colours(screen.colour)
  const running = new Map<object, { name: string; since: number; text: string }>()
  let [done, total, drawn] = [0, 0, 0]

  const cut = (text: string) => {
    const plain = stripVTControlCharacters(text)
    return plain.length < screen.columns() ? text : plain.slice(0, screen.columns() - 2) + '…'
  }
  const erase = () => (drawn > 0 ? `\x1b[${drawn}A\x1b[J` : '')
  const region = () => {
    if (!screen.tty || running.size === 0) return []
    const tasks = [...running.values()]
    const rows = tasks
      .slice(0, SHOWN)
      .map(t => `  ${t.name}  ${c.dim(`${duration(screen.now() - t.since)} ${t.text}`.trim())}`)
    if (tasks.length > SHOWN) rows.push(c.dim(`  and ${tasks.length - SHOWN} more`))
    const count = total > 0 ? `${done}/${total}` : `${done} done`
    return [c.dim(`${count}, ${running.size} running`), ...rows].map(cut)
  }
  const draw = (above: readonly string[] = []) => {
    if (!screen.tty) {
      for (const line of above) screen.write(`${line}\n`)
      return
    }
    const rows = region()
    const text = erase() + [...above, ...rows].map(row => `${row}\n`).join('')
    drawn = rows.length
    if (text !== '') screen.write(text)
  }
  let timer: NodeJS.Timeout | undefined
  const tick = () => {
    if (timer === undefined && screen.tty)
      timer = setInterval(draw, REDRAW_MS).unref() as NodeJS.Timeout
  }
  const stop = () => {
    clearInterval(timer)
    timer = undefined
  }

  return {
    task(name) {
      const key = {}
      const state = { name, since: screen.now(), text: '' }
      running.set(key, state)
      tick()
      const finish = (mark: string) => (note: string) => {
        if (!running.delete(key)) return
        done++
        const took = duration(screen.now() - state.since)
        draw([`${mark} ${name}  ${c.dim(`${took}${note === '' ? '' : `  ${note}`}`)}`])
        if (running.size === 0) stop()
      }
      return {
        update: text => void (state.text = text),
        done: finish(c.good('ok')),
        failed: finish(c.bad('failed')),
      }
    },
    expect: count => void (total = count),
    line: text => draw(text.split('\n')),
    end(summary) {
      running.clear()
      stop()
      draw(summary === '' ? [] : [summary])
    },
  }
}
