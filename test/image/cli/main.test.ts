/** The command line as a person or a program meets it: words, exit codes, colours, signals, pipes. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from '../../../image/cli/parse.ts'
import { records } from '../../../image/cli/records.ts'
import { markdown } from '../../../image/cli/usage.ts'
import { VERBS } from '../../../image/cli/verbs.ts'
import { read, sources } from '../../rules/sources.ts'
import { bt, call, copyOfCheckout, REPO } from './checkout.ts'

const all = await records()

describe('bt', () => {
  it('without a verb prints the help and ends with 2', async () => {
    const { code, out } = await bt([])
    assert.equal(code, 2)
    for (const verb of Object.keys(VERBS)) assert.match(out, new RegExp(`^  ${verb} `, 'm'))
  })

  it('prints the help on request with 0', async () => {
    const [a, b, c] = await Promise.all([bt(['--help']), bt(['-h']), bt(['help'])])
    assert.deepEqual([a.code, b.code, c.code], [0, 0, 0])
    assert.ok(a.out === b.out && b.out === c.out && a.out.length > 500)
  })

  it('names the nearest verb and option', async () => {
    const verb = await bt(['biuld'])
    assert.deepEqual(
      [verb.code, verb.err],
      [2, 'bt: bt has no verb "biuld"; did you mean bt build?\n'],
    )
    const { error } = JSON.parse((await bt(['biuld', '--json'])).out)
    assert.equal(error.code, 'USAGE_VERB')
    const option = await bt(['test', '--slwo'])
    assert.deepEqual([option.code, option.out], [2, ''])
    assert.match(option.err, /did you mean --slow\?/)
    for (const name of ['__proto__', 'constructor', 'toString'])
      assert.equal((await bt([name])).code, 2, name)
  })

  it('refuses a development image that is a release', async () => {
    const { code, err } = await bt(['build', '--dev', '--release'])
    assert.deepEqual([code, err], [2, 'bt: --dev and --release exclude each other: choose one\n'])
  })

  it('prints errors as JSON too when JSON is asked for', async () => {
    const { code, out, err } = await bt(['completion', 'fish', '--json'])
    assert.equal(code, 2)
    const { error } = JSON.parse(out)
    assert.deepEqual([error.code, `bt: ${error.message}\n`], ['USAGE_VALUE', err])
  })

  it('shows the stack with BT_DEBUG=1, in terms of the sources', async () => {
    const { err } = await bt(['completion', 'fish'], { env: { BT_DEBUG: '1' } })
    assert.match(err, /image\/cli\/completion\.ts:\d+/)
  })

  it('colours only where asked to', async () => {
    const coloured = (env: object) =>
      bt(['nothing'], { env: { ...env } }).then(r => r.err.includes('\x1b['))
    assert.deepEqual(
      await Promise.all([
        coloured({}),
        coloured({ FORCE_COLOR: '1' }),
        coloured({ FORCE_COLOR: '0' }),
        coloured({ FORCE_COLOR: '1', NO_COLOR: '1' }),
        coloured({ FORCE_COLOR: '1', NO_COLOR: '' }),
      ]),
      [false, true, false, false, true],
    )
  })

  it('ends quietly when its reader goes away', async () => {
    const script = `"$1" help --markdown | true; echo "\${PIPESTATUS[0]}"`
    const { out, err } = await call('bash', ['-c', script, 'bash', join(REPO, 'image/bt')])
    assert.deepEqual([out, err], ['0\n', ''])
  })
})

describe('records', () => {
  it('are there for every verb, under their own names', () => {
    assert.deepEqual(
      all.map(({ name }) => name),
      Object.keys(VERBS),
    )
  })

  it('are in the table, every one that a file of image/cli has', () => {
    const cli = sources().filter(path => path.startsWith('image/cli/'))
    const names = cli.flatMap(
      path => /: Command = \{\s+name: '([a-z-]+)'/.exec(read(path))?.[1] ?? [],
    )
    assert.deepEqual(names.sort(), Object.keys(VERBS).sort())
  })

  it('have one-line texts that end in a full stop, and examples', () => {
    for (const { name, about, examples } of all) {
      assert.match(about, /^[A-Z][^\n]*\.$/, name)
      assert.ok(examples.length > 0, name)
      for (const [line] of examples) assert.ok(`${line} `.startsWith(`bt ${name} `), line)
    }
  })

  for (const command of all)
    it(`of ${command.name} parse their own examples and explain themselves`, async () => {
      for (const [line] of command.examples)
        parse(
          command,
          line
            .split(/ +/)
            .slice(2)
            .map(word => word.replaceAll("'", '')),
        )
      const { code, out } = await bt([command.name, '--help'])
      assert.equal(code, 0)
      for (const { name } of command.options ?? []) assert.ok(out.includes(`--${name}`), name)
      const json = await bt([command.name, '--help', '--json'])
      assert.equal(JSON.parse(json.out).name, command.name)
    })

  /** The other examples build, boot or write something: their own tests run them. */
  const QUICK = /^bt (help|completion|doctor|graph|\w+ --list)\b/
  const quick = all
    .flatMap(({ examples }) => examples.map(([line]) => line))
    .filter(line => QUICK.test(line))
  for (const line of quick)
    it(`run their example ${line}`, async () => {
      const { code, out, err } = await bt(line.split(' ').slice(1))
      assert.equal(code, 0, err)
      assert.ok(out.length > 20)
    })

  it('make docs/cli.md', () => {
    const text = `${markdown(all)}\n`
    if (process.env['BT_UPDATE'] === '1') writeFileSync(join(REPO, 'docs/cli.md'), text)
    const advice = 'docs/cli.md is out of date: bt help --markdown > docs/cli.md'
    assert.equal(read('docs/cli.md'), text, advice)
  })
})

describe('interrupts', () => {
  let repo: string
  let remove: () => void
  before(() => {
    ;({ repo, remove } = copyOfCheckout())
    mkdirSync(join(repo, 'test/boot'), { recursive: true })
    const text = `import { it } from 'node:test'
      it('is ready', () => {})
      it('waits', () => new Promise(done => setTimeout(done, 600_000)))`
    writeFileSync(join(repo, 'test/boot/wait.test.ts'), text)
  })
  after(() => remove())

  /** Runs the waiting test and sends signals once it runs. */
  const interrupted = (...signals: NodeJS.Signals[]) =>
    bt(['test', 'boot/wait'], {
      repo,
      watch: (err, child) => {
        if (err.includes('is ready'))
          while (signals.length > 0) process.kill(child.pid!, signals.shift()!)
      },
    })

  it('stop at the first Ctrl-C, with 130', async () => {
    const { code, err } = await interrupted('SIGINT')
    assert.equal(code, 130)
    assert.match(err, /bt: stopped\n$/)
  })

  it('stop at SIGTERM with 143', async () => {
    assert.equal((await interrupted('SIGTERM')).code, 143)
  })

  it('stop at once at the second', async () => {
    const { code, err } = await interrupted('SIGINT', 'SIGINT')
    assert.equal(code, 130)
    assert.doesNotMatch(err, /internal error/)
  })
})
