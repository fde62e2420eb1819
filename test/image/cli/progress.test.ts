import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { bytes, duration, progress } from '../../../image/cli/progress.ts'

/** What a terminal shows after the text: understands line feeds, cursor up and erase below. */
function shown(text: string): string[] {
  const rows: string[] = ['']
  let row = 0
  for (const [token, up] of text.matchAll(/\x1b\[(\d+)A|\x1b\[J|\x1b\[\d+m|\n|[^\x1b\n]+/g)) {
    if (token === '\n') rows[++row] ??= ''
    else if (token.endsWith('A')) row -= Number(up)
    else if (token === '\x1b[J') rows.splice(row, Infinity, '')
    else if (!token.startsWith('\x1b')) rows[row] += token
    assert.ok(row >= 0, 'the cursor left the screen')
  }
  return rows.slice(0, -1)
}

function screen(tty: boolean, columns = 80) {
  const state = { text: '', now: 0 }
  const write = (text: string) => void (state.text += text)
  return { state, write, tty, columns: () => columns, now: () => state.now, colour: tty }
}

describe('progress without a terminal', () => {
  it('prints one line for each finished task and the summary', () => {
    const on = screen(false)
    const p = progress(on)
    p.expect(2)
    const a = p.task('base')
    const b = p.task('linux')
    a.update('halfway')
    on.state.now = 1500
    b.failed('exit 1')
    a.done('')
    p.line('note')
    p.end('built')
    assert.equal(on.state.text, 'failed linux  1.5 s  exit 1\nok base  1.5 s\nnote\nbuilt\n')
  })

  it('prints nothing for an empty summary, and a task only once', () => {
    const on = screen(false)
    const p = progress(on)
    const task = p.task('a')
    task.done('')
    task.done('')
    task.failed('')
    p.end('')
    assert.equal(on.state.text, 'ok a  0.0 s\n')
  })
})

describe('progress on a terminal', () => {
  it('shows what runs below what is done, and leaves only lines behind', () => {
    const on = screen(true)
    const p = progress(on)
    p.expect(3)
    const a = p.task('base')
    const b = p.task('linux')
    b.update('3 of 12 MB')
    on.state.now = 2000
    a.done('12 files')
    assert.deepEqual(shown(on.state.text), [
      'ok base  2.0 s  12 files',
      '1/3, 1 running',
      '  linux  2.0 s 3 of 12 MB',
    ])
    p.line('something')
    b.done('')
    p.end('all built')
    assert.deepEqual(shown(on.state.text), [
      'ok base  2.0 s  12 files',
      'something',
      'ok linux  2.0 s',
      'all built',
    ])
  })

  it('never draws a row wider than the screen', () => {
    const on = screen(true, 20)
    const p = progress(on)
    p.task('a-name-that-is-far-too-long-for-this').update('and a long text')
    p.line('')
    const region = stripVTControlCharacters(on.state.text)
      .split('\n')
      .filter(row => row.includes('a-name'))
    assert.ok(region.length > 0)
    for (const row of region) assert.ok(row.length < 20, row)
    p.end('')
  })

  it('counts what does not fit', () => {
    const on = screen(true)
    const p = progress(on)
    for (let i = 0; i < 11; i++) p.task(`task-${i}`)
    p.line('x')
    assert.match(stripVTControlCharacters(on.state.text), /11 running[^]*and 3 more/)
    p.end('')
  })
})

describe('duration and bytes', () => {
  it('round as people read them', () => {
    const times = [0, 940, 9940, 9960, 59_400, 59_600, 185_000, 3_600_000].map(duration)
    assert.deepEqual(times, [
      '0.0 s',
      '0.9 s',
      '9.9 s',
      '10 s',
      '59 s',
      '1 min 00 s',
      '3 min 05 s',
      '60 min 00 s',
    ])
    const sizes = [0, 999, 1000, 999_949, 999_950, 12_345_678, 5e15].map(bytes)
    assert.deepEqual(sizes, [
      '0 B',
      '999 B',
      '1.0 kB',
      '999.9 kB',
      '1.0 MB',
      '12.3 MB',
      '5000.0 TB',
    ])
  })
})
