/** The command line of the daemon: what it understands, refuses and explains. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Command } from '../../../node/cli/command.ts'
import { completionVerb } from '../../../node/cli/completion.ts'
import { healthVerb } from '../../../node/cli/health.ts'
import { helpAll, helpOne, helpVerb, markdown } from '../../../node/cli/help.ts'
import { nearest } from '../../../node/cli/nearest.ts'
import { parseLine } from '../../../node/cli/parse.ts'
import { runVerb } from '../../../node/cli/run.ts'
import { statusVerb } from '../../../node/cli/status.ts'
import { NODE_VERBS } from '../../../node/cli/verbs.ts'

const never = () => assert.fail('only parsed, never run')
const commands: Command[] = [
  ...NODE_VERBS,
  runVerb(never),
  statusVerb(never),
  healthVerb({ failedUnits: never }),
  completionVerb(() => commands),
  helpVerb(() => commands),
]
const parse = (line: string) => parseLine(words(line), commands)

/** The words of a line, as a shell would split it. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
}

describe('parseLine', () => {
  it('finds verbs of one and two words with their words and options', () => {
    const rows = [
      ['status', 'status', [], {}],
      ['status --json', 'status', [], { json: true }],
      ['node run', 'node run', [], {}],
      ['node run --listen [::1]:80', 'node run', [], { listen: '[::1]:80' }],
      ['node run --listen=a=b:1', 'node run', [], { listen: 'a=b:1' }],
      ['node run --listen --json', 'node run', [], { listen: '--json' }],
      ['health --within 5 --at a:1', 'health', [], { within: '5', at: 'a:1' }],
      ['put - /ROOT/a', 'put', ['-', '/ROOT/a'], {}],
      ['put /ROOT/a -p -- --help', 'put', ['/ROOT/a', '--help'], { parents: true }],
      ['rm /ROOT/a /ROOT/b -r', 'rm', ['/ROOT/a', '/ROOT/b'], { recursive: true }],
      ['rm -rf /ROOT/a', 'rm', ['/ROOT/a'], { recursive: true, force: true }],
      ['rm -- -rf', 'rm', ['-rf'], {}],
      ['request /ROOT/a --note -wh', 'request', ['/ROOT/a'], { note: '-wh' }],
      ['request /ROOT/a', 'request', ['/ROOT/a'], {}],
      ['request list', 'request list', [], {}],
      ['request approve 12 --expires 1d', 'request approve', ['12'], { expires: '1d' }],
      ['help node run', 'help', ['node', 'run'], {}],
    ] as const
    for (const [line, verb, positionals, values] of rows) {
      const parsed = parse(line)
      assert.ok(parsed.kind === 'run', line)
      assert.equal(parsed.command.words.join(' '), verb)
      const { json = false, ...rest } = values as { json?: boolean }
      assert.deepEqual(
        [parsed.positionals, { ...parsed.values }, parsed.json],
        [positionals, rest, json],
      )
    }
  })

  it('understands help and version', () => {
    for (const line of ['', '--help', '-h', 'help']) {
      const parsed = parse(line)
      assert.ok(parsed.kind === 'run' && parsed.command.words[0] === 'help', line)
    }
    for (const line of ['--version', '-V']) assert.deepEqual(parse(line), { kind: 'version' })
    for (const line of ['put --help', 'put -h', 'put a b c d --help', 'put --parents --help']) {
      const parsed = parse(line)
      assert.ok(parsed.kind === 'help' && parsed.command.words[0] === 'put', line)
    }
  })

  it('refuses everything else and names what was meant', () => {
    const rows = [
      ['satus', 'LINE_UNKNOWN_VERB', /did you mean 'status'/],
      ['node rum', 'LINE_UNKNOWN_VERB', /did you mean 'node run'/],
      [
        'node',
        'LINE_UNKNOWN_VERB',
        /did you mean 'mv'|known are node status, node collect, node run/,
      ],
      ['root', 'LINE_UNKNOWN_VERB', /known are root create, root show|did you mean/],
      ['Status', 'LINE_UNKNOWN_VERB', /did you mean 'status'/],
      ['quuxes --json', 'LINE_UNKNOWN_VERB', /no 'quuxes'; known are/],
      ['--vresion', 'LINE_UNKNOWN_OPTION', /did you mean --version/],
      ['status --jsn', 'LINE_UNKNOWN_OPTION', /no option --jsn; did you mean --json/],
      ['status --constructor', 'LINE_UNKNOWN_OPTION', /known are --json, --help/],
      ['status -json', 'LINE_UNKNOWN_OPTION', /no option -json/],
      ['rm -rx /ROOT', 'LINE_UNKNOWN_OPTION', /no option -rx/],
      ['ls -undefined', 'LINE_UNKNOWN_OPTION', /no option -undefined/],
      ['status --json=yes', 'LINE_VALUE', /--json takes no value/],
      ['status --json --json', 'LINE_VALUE', /--json is given twice/],
      ['rm -r --recursive a', 'LINE_VALUE', /--recursive is given twice/],
      ['node run --listen', 'LINE_VALUE', /--listen HOST:PORT/],
      ['node run --listen=', 'LINE_VALUE', /--listen HOST:PORT/],
      ['completion fish', 'LINE_VALUE', /SHELL is one of bash, not 'fish'/],
      ['put a', 'LINE_MISSING', /blocktree put needs PATH: Where to/],
      ['rm', 'LINE_MISSING', /needs PATH/],
      ['status now', 'LINE_EXTRA', /'now' is one word too many/],
      ['put a b c', 'LINE_EXTRA', /'c' is one word too many; try blocktree put --help/],
    ] as const
    for (const [line, code, message] of rows)
      assert.throws(() => parse(line), { name: 'LineError', code, message }, line)
  })
})

describe('help', () => {
  it('lists every verb, and for each its arguments, options and examples', () => {
    const all = helpAll(commands).join('\n')
    for (const command of commands) {
      assert.ok(all.includes(command.words.join(' ')))
      const one = helpOne(command).join('\n')
      for (const option of [...(command.options ?? []), { name: 'help' }, { name: 'json' }])
        assert.ok(one.includes(`--${option.name}`))
      for (const { name } of command.positionals ?? []) assert.ok(one.includes(`  ${name} `))
      assert.ok(command.examples.length >= 2, command.words.join(' '))
    }
  })

  it('has only examples that can be parsed, each of its own verb', () => {
    for (const command of commands)
      for (const [line] of command.examples) {
        const [program, ...args] = words(line.split(' | ').at(-1)!)
        assert.equal(program, 'blocktree')
        const parsed = parseLine(args, commands)
        assert.ok(parsed.kind === 'run' && parsed.command === command, line)
      }
  })

  it('fits a terminal of 100 columns', () => {
    const text = [...helpAll(commands), ...commands.flatMap(helpOne)]
    for (const line of text.filter(each => !each.startsWith('  blocktree ')))
      assert.ok(line.length <= 100, line)
  })

  it('is docs/blocktree.md too', () => {
    const path = join(import.meta.dirname, '../../../docs/blocktree.md')
    const text = markdown(commands)
    if (process.env['BT_UPDATE'] === '1') writeFileSync(path, text)
    const advice = 'out of date: BT_UPDATE=1 bt test test/node/cli/parse writes it'
    assert.equal(existsSync(path) ? readFileSync(path, 'utf8') : '', text, advice)
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
