/** A shell where a recipe's steps run: with a command, with a terminal, interrupted. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { small, type Small } from '../build/small.ts'

describe('bt shell', () => {
  let s: Small
  before(() => {
    s = small(['b'])
    s.file('data/greet', '#!/bin/sh\necho "hello $1"\n')
    s.recipe(
      'tool',
      `kind: 'tool', sources: [{ files: ['data/greet'] }], steps: ['install 0755 $src/data/greet $out/usr/bin/greet'], ships: ['usr/bin/greet']`,
    )
    s.recipe('a', `steps: ['write $out/a alpha']`)
    s.recipe(
      'b',
      `needs: ['a'], tools: ['tool'], sources: [{ files: ['data/*'] }],
      steps: ['greet world > $out/b', 'install 0644 $in/a/a $out/c', 'false'], check: ['true']`,
    )
  })
  after(() => s.end())
  afterEach(() => {
    assert.deepEqual(s.work(), [], 'the folder is gone')
    assert.deepEqual(readdirSync(join(s.cache, 'leases')), [])
  })
  const command = (line: string, ...more: string[]) =>
    s.bt(['shell', 'b', '--command', line, ...more])

  it('lays the folder out as a build does, with needs built and tools on the PATH', async () => {
    const { code, out } = await command(
      'pwd; cat $in/a/a $src/data/greet; greet you; ls -A $out; id -u > mine && cat $work/mine',
    )
    const [where = '', ...rest] = out.trimEnd().split('\n')
    assert.equal(code, 0)
    assert.ok(where.startsWith(`${s.cache}/work/`) && where.endsWith('/work'), where)
    assert.deepEqual(rest, [
      'alpha',
      '#!/bin/sh',
      'echo "hello $1"',
      'hello you',
      String(process.getuid!()),
    ])
    assert.equal(existsSync(where), false)
  })

  it('has the variables of the steps, and of the terminal only what a shell needs', async () => {
    const { out } = await s.bt(['shell', 'b', '-c', 'env'], {
      env: { SECRET_OF_HOST: 'x', TERM: 'vt100' },
    })
    const names = out
      .trimEnd()
      .split('\n')
      .map(line => line.split('=')[0]!)
    for (const name of [
      'in',
      'src',
      'out',
      'work',
      'HOME',
      'TMPDIR',
      'JOBS',
      'SOURCE_DATE_EPOCH',
      'LC_ALL',
      'TZ',
      'TERM',
    ])
      assert.ok(names.includes(name), name)
    assert.ok(!names.includes('SECRET_OF_HOST') && !names.includes('BT_CACHE'))
  })

  it('runs steps by number, all of them, or a line as a step', async () => {
    const one = await command('step 2; ls $out')
    assert.equal(one.out, '+ install 0644 $in/a/a $out/c\nc\n')
    const all = await command('step all; echo "status $?"; cat $out/b')
    assert.match(
      all.out,
      /^\+ greet world > \$out\/b\n\+ install .*\n\+ false\nstatus 1\nhello world\n$/,
    )
    assert.match(all.err, /failed: ended with 1 and said nothing\n$/)
    const range = await command('step 1-2 && ls $out')
    assert.match(range.out, /\nb\nc\n$/)
    const line = await command(`step 'write $out/x one "two three"' && cat $out/x`)
    assert.match(line.out, /\none\ntwo three\n$/)
  })

  for (const words of ['', '0', '4', '9-12'])
    it(`lists the steps for \`step ${words}\``, async () => {
      const { code, err } = await command(`step ${words}`)
      assert.equal(code, 2)
      assert.match(err, /step N, step N-M \(1 to 3\), step all[^]*\n {2}3 {2}false\n$/)
    })

  it('refuses as a step what a recipe could not have', async () => {
    const { code, err } = await command(`step 'true; false'`)
    assert.deepEqual([code, /has `;`, after which failures are ignored/.test(err)], [2, true])
  })

  it("ends with the command's own status", async () => {
    assert.equal((await command('exit 7')).code, 7)
    assert.equal((await command('kill -9 $$')).code, 137)
    assert.equal((await command('no-such-program')).code, 127)
  })

  it('keeps standard output for JSON when that is asked for', async () => {
    const { out, err, code } = await command('echo hello; exit 3', '--json')
    assert.deepEqual(
      [code, JSON.parse(out), /^hello$/m.test(err)],
      [3, { recipe: 'b', status: 3 }, true],
    )
  })

  it('needs a terminal or a command, and a recipe that is there', async () => {
    const none = await s.bt(['shell', 'b'])
    assert.equal(none.code, 2)
    assert.match(
      none.err,
      /needs a terminal to read from; without one, say what to run with --command/,
    )
    const other = await s.bt(['shell', 'tolo', '-c', 'true', '--json'])
    assert.equal(other.code, 1)
    assert.deepEqual(JSON.parse(other.out).error, {
      code: 'GRAPH_MISSING',
      message: 'there is no recipe tolo; did you mean tool?',
    })
  })

  it('on a terminal says what is where, and gives the shell of the user', async () => {
    const { code, out } = await s.bt(['shell', 'b'], {
      terminal: true,
      env: { SHELL: '/bin/sh' },
      input: 'step 1\ncat $out/b\ntest -t 0 && echo "a terminal"\nexit 5\n',
    })
    assert.equal(code, 5)
    for (const expected of [
      /b: for a test/,
      /\$in +what it needs, only to be read: a/,
      /PATH +tool, then/,
      /^ +2 {2}install 0644/m,
      /^check {2}true/m,
      /hello world\r?\n/,
      /[^\"]a terminal/,
    ])
      assert.match(out, expected)
  })

  it('says when the shell of the user does not start', async () => {
    const { code, out } = await s.bt(['shell', 'b'], {
      terminal: true,
      env: { SHELL: '/no/shell' },
    })
    assert.equal(code, 1)
    assert.match(out, /\$SHELL is \/no\/shell, which does not start/)
  })

  it('leaves nothing when Ctrl-C ends the command', async () => {
    const { code } = await s.bt(['shell', 'b', '-c', 'echo ready >&2; exec sleep 600'], {
      watch: (err, child) => void (err.endsWith('ready\n') && process.kill(-child.pid!, 'SIGINT')),
    })
    assert.equal(code, 130)
  })

  it('ends the command when it is ended itself', async () => {
    const { code } = await s.bt(['shell', 'b', '-c', 'echo ready >&2; exec sleep 600'], {
      watch: (err, child) => void (err.endsWith('ready\n') && child.kill('SIGTERM')),
    })
    assert.equal(code, 129)
  })
})
