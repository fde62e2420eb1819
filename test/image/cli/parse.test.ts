import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Command } from '../../../image/cli/command.ts'
import { parse, UsageError } from '../../../image/cli/parse.ts'

const command: Command = {
  name: 'make',
  about: 'Make it.',
  positionals: [
    { name: 'WHAT', about: 'the thing' },
    { name: 'MORE', about: 'more things', optional: true, many: true },
  ],
  options: [
    { name: 'release', type: 'boolean', about: '' },
    { name: 'jobs', short: 'j', type: 'integer', value: 'N', about: '' },
    { name: 'disk', type: 'string', value: 'FILE', about: '' },
    { name: 'mode', type: 'string', choices: ['fast', 'safe'], about: '' },
  ],
  examples: [],
  run: () => Promise.resolve(0),
}
const bare: Command = { name: 'bare', about: '', examples: [], run: () => Promise.resolve(0) }

describe('parse', () => {
  const GOOD: [string[], object][] = [
    [['a'], { positionals: ['a'], values: {} }],
    [['a', 'b', 'c'], { positionals: ['a', 'b', 'c'] }],
    [['--release', 'a'], { positionals: ['a'], values: { release: true } }],
    [['a', '-j4'], { values: { jobs: 4 } }],
    [['a', '-j', '4'], { values: { jobs: 4 } }],
    [['a', '--jobs=4'], { values: { jobs: 4 } }],
    [['a', '--disk', 'x y'], { values: { disk: 'x y' } }],
    [['a', '--disk=-'], { values: { disk: '-' } }],
    [['a', '--disk=--json'], { values: { disk: '--json' }, json: false }],
    [['a', '--mode', 'safe', '--json'], { values: { mode: 'safe' }, json: true }],
    [['--', '--release'], { positionals: ['--release'], values: {} }],
    [['--help'], { help: true, positionals: [] }],
    [['-h', 'a'], { help: true }],
  ]
  for (const [args, expected] of GOOD)
    it(`takes ${args.join(' ')}`, () => {
      const parsed = parse(command, args)
      assert.deepEqual({ ...parsed, ...expected }, parsed)
    })

  const BAD: [string[], UsageError['code'], RegExp][] = [
    [[], 'USAGE_ARGUMENT_MISSING', /bt make needs WHAT: the thing/],
    [['a', '--relase'], 'USAGE_OPTION', /no option --relase; did you mean --release\?/],
    [['a', '--qqqqqqqqq'], 'USAGE_OPTION', /bt make --help lists them/],
    [['a', '-x'], 'USAGE_OPTION', /no option -x/],
    [['a', '--no-release'], 'USAGE_OPTION', /no option --no-release/],
    [['a', '--__proto__'], 'USAGE_OPTION', /no option/],
    [['a', '--release', '--release'], 'USAGE_OPTION', /given twice/],
    [['a', '-j1', '--jobs=2'], 'USAGE_OPTION', /given twice/],
    [['a', '--release=yes'], 'USAGE_VALUE', /--release takes no value, not "yes"/],
    [['a', '--jobs'], 'USAGE_VALUE', /takes a value \(N\), none is given/],
    [['a', '--jobs', '--release'], 'USAGE_VALUE', /not "--release"/],
    [['a', '--disk='], 'USAGE_VALUE', /takes a value \(FILE\)/],
    [['a', '-j0x4'], 'USAGE_VALUE', /a whole number, not "0x4"/],
    [['a', '-j', '-1'], 'USAGE_VALUE', /not "-1"/],
    [['a', '-j', '1e9'], 'USAGE_VALUE', /whole number/],
    [['a', '-j', '99999999999999'], 'USAGE_VALUE', /whole number/],
    [['a', '--mode', 'quick'], 'USAGE_VALUE', /one of fast, safe, not "quick"/],
  ]
  for (const [args, code, message] of BAD)
    it(`refuses ${args.join(' ') || 'nothing'}`, () => {
      assert.throws(() => parse(command, args), { name: 'UsageError', code, message })
    })

  it('refuses arguments that a verb does not take', () => {
    assert.throws(() => parse(bare, ['a']), {
      code: 'USAGE_ARGUMENT_EXTRA',
      message: 'bt bare takes no arguments, "a" is one too many',
    })
  })

  it('does not count arguments when help is asked for', () => {
    assert.equal(parse(bare, ['a', 'b', '--help']).help, true)
  })
})
