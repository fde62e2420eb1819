/** The command line of the daemon: what it understands, refuses and explains. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Command } from '../../../node/cli/command.ts'
import { healthVerb } from '../../../node/cli/health.ts'
import { helpAll, helpOne } from '../../../node/cli/help.ts'
import { nearest } from '../../../node/cli/nearest.ts'
import { parseLine } from '../../../node/cli/parse.ts'
import { runVerb } from '../../../node/cli/run.ts'
import { statusVerb } from '../../../node/cli/status.ts'

const never = () => assert.fail('only parsed, never run')
const commands: Command[] = [statusVerb(never), runVerb(never), healthVerb({ failedUnits: never })]
const parse = (line: string) => parseLine(line === '' ? [] : line.split(' '), commands)

describe('parseLine', () => {
  it('finds verbs of one and two words with their options', () => {
    const rows = [
      ['status', 'status', {}],
      ['status --json', 'status', { json: true }],
      ['node run', 'node run', {}],
      ['node run --listen [::1]:80', 'node run', { listen: '[::1]:80' }],
      ['node run --listen=a=b:1', 'node run', { listen: 'a=b:1' }],
      ['node run --listen --json', 'node run', { listen: '--json' }],
      ['health --within 5 --at a:1', 'health', { within: '5', at: 'a:1' }],
    ] as const
    for (const [line, words, values] of rows) {
      const parsed = parse(line)
      assert.equal(parsed.kind, 'run', line)
      if (parsed.kind !== 'run') continue
      assert.equal(parsed.command.words.join(' '), words)
      assert.deepEqual({ ...parsed.values }, values)
    }
  })

  it('understands help and version', () => {
    for (const line of ['', '--help', '-h', 'help']) assert.deepEqual(parse(line), { kind: 'help' })
    for (const line of ['--version', '-V']) assert.deepEqual(parse(line), { kind: 'version' })
    for (const line of ['node run --help', 'node run -h', 'node run --listen a:1 --help'])
      assert.deepEqual(parse(line), { kind: 'help', command: commands[1] })
  })

  it('refuses everything else and names what was meant', () => {
    const rows = [
      ['satus', 'LINE_UNKNOWN_VERB', /did you mean 'status'/],
      ['node rum', 'LINE_UNKNOWN_VERB', /did you mean 'node run'/],
      ['node', 'LINE_UNKNOWN_VERB', /known are status, node run, health/],
      ['run', 'LINE_UNKNOWN_VERB', /no 'run'/],
      ['Status', 'LINE_UNKNOWN_VERB', /did you mean 'status'/],
      ['quux --json', 'LINE_UNKNOWN_VERB', /no 'quux'; known are/],
      ['--vresion', 'LINE_UNKNOWN_OPTION', /did you mean --version/],
      ['status --jsn', 'LINE_UNKNOWN_OPTION', /no option --jsn; did you mean --json/],
      ['status --constructor', 'LINE_UNKNOWN_OPTION', /known are --json, --help/],
      ['status -json', 'LINE_UNKNOWN_OPTION', /no option -json/],
      ['status -', 'LINE_UNKNOWN_OPTION', /no option -;/],
      ['status --', 'LINE_UNKNOWN_OPTION', /no option --;/],
      ['status --json=yes', 'LINE_VALUE', /--json takes no value/],
      ['status --json --json', 'LINE_VALUE', /--json is given twice/],
      ['node run --listen', 'LINE_VALUE', /--listen HOST:PORT/],
      ['node run --listen=', 'LINE_VALUE', /--listen HOST:PORT/],
      ['status now', 'LINE_EXTRA', /'now' is one word too many/],
    ] as const
    for (const [line, code, message] of rows)
      assert.throws(() => parse(line), { name: 'LineError', code, message }, line)
  })
})

describe('help', () => {
  it('lists every verb, and for each its options and examples', () => {
    const all = helpAll(commands).join('\n')
    for (const command of commands) {
      assert.ok(all.includes(command.about))
      const one = helpOne(command).join('\n')
      for (const option of [...command.options, { name: 'help' }])
        assert.ok(one.includes(`--${option.name}`))
      assert.ok(command.examples.length >= 2)
    }
  })

  it('has only examples that can be parsed', () => {
    for (const command of commands)
      for (const [line] of command.examples) {
        const [program, ...args] = line.split(' ')
        assert.equal(program, 'blocktree')
        const parsed = parseLine(args, commands)
        assert.ok(parsed.kind === 'run' && parsed.command === command, line)
      }
  })

  it('fits a terminal of 100 columns', () => {
    for (const line of [...helpAll(commands), ...commands.flatMap(helpOne)])
      assert.ok(line.length <= 100, line)
  })
})

describe('nearest', () => {
  it('finds a word with few changed letters and no other', () => {
    assert.equal(nearest('statsu', ['status', 'health']), 'status')
    assert.equal(nearest('helth', ['status', 'health']), 'health')
    assert.equal(nearest('xyz', ['status', 'health']), undefined)
    assert.equal(nearest('', ['status']), undefined)
    assert.equal(nearest('s'.repeat(1e6), ['status']), undefined)
  })
})
