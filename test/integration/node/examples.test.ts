/**
 * Every example of the help, run as it is written by a shell, in one sequence that a person could go
 * through. Only what differs from machine to machine is put in: folders, ports, ids and hashes.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from '../../../node/cli/command.ts'
import { principalOf } from '../../../node/crypto/principal.ts'
import { recordOf } from '../../../node/crypto/key-pairs.ts'
import { folder } from '../../harness/directory.ts'
import { SOURCE } from '../../harness/programs.ts'
import { terminal } from '../../harness/terminal.ts'
import { fixedKeys } from '../../node/crypto/fixed.ts'

const home = folder('examples')
const bin = folder('bin')
const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
const program = [SOURCE.file, ...SOURCE.args].map(quoted).join(' ')
writeFileSync(join(bin, 'blocktree'), `#!/bin/sh\nexport LISTEN_PID=$$\nexec ${program} "$@"\n`)
chmodSync(join(bin, 'blocktree'), 0o755)
const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: home }

const SECRET = 'Tr0ub4dor&3 zz42'
const file = (name: string, text: string) => writeFileSync(join(home, name), text)
const here = (name: string) => readFileSync(join(home, name), 'utf8')
for (const name of ['srv', 'media/usb', 'photos']) mkdirSync(join(home, name), { recursive: true })
file('secret', `${SECRET}\n`)
file('photos/1.jpg', 'a photo')

type Ran = { readonly out: string; readonly err: string; readonly code: number | null }

/** Runs a line of bash in the person's folder. */
async function bash(line: string, more: Record<string, string> = {}, fd3?: number): Promise<Ran> {
  const child = spawn('bash', ['-o', 'pipefail', '-c', line], {
    cwd: home,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe', ...(fd3 === undefined ? [] : [fd3])],
  })
  const ran = { out: '', err: '', code: null as number | null }
  child.stdout!.setEncoding('utf8').on('data', text => (ran.out += text))
  child.stderr!.setEncoding('utf8').on('data', text => (ran.err += text))
  ;[ran.code] = (await once(child, 'close')) as [number | null]
  return ran
}

async function ok(line: string): Promise<string> {
  const { out, err, code } = await bash(line)
  assert.equal(code, 0, `${line}: ${err}`)
  return out
}

const done = new Set<string>()
/** The example `line`; `replace` is what this machine has in the place of what is written. */
async function example(line: string, replace: Record<string, string> = {}): Promise<string> {
  done.add(line)
  return ok(put(line, replace))
}
function put(line: string, replace: Record<string, string>): string {
  return Object.entries(replace).reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `${from} in ${text}`)
    return text.replace(from, to)
  }, line)
}
/** An example that asks a person. */
async function asked(line: string, answers: readonly string[], replace = {}): Promise<string> {
  done.add(line)
  const { screen, status } = await terminal(put(line, replace), env, answers, home)
  assert.equal(status, 0, `${line}: ${screen}`)
  return screen
}
const SRV = { '/srv/': `${home}/srv/` }
const USB = { '/media/usb/': `${home}/media/usb/` }

describe('the examples', () => {
  const passphrase = `${SECRET}\n`
  let root = ''

  it('make a node', async () => {
    const principal = await example('blocktree init')
    assert.match(principal, /^k51\w+\n$/)
    assert.equal(statSync(join(home, '.blocktree')).mode & 0o777, 0o700)
    const other = JSON.parse(await example('blocktree init /srv/node --json', SRV))
    assert.equal(other.path, join(home, 'srv/node'))
    assert.equal(await example('blocktree principal'), principal)
    assert.match(await example('blocktree principal --record'), /^[\w-]{100,}\n$/)
  })

  it('make a root key, back it up and put it back', async () => {
    const json = JSON.parse(
      await example('blocktree root create --passphrase-file secret --json', {
        create: `create --dir ${home}/srv/node`,
      }),
    )
    assert.equal(json.phrase.split(' ').length, 24)
    const screen = await asked('blocktree root create', [passphrase, passphrase])
    root = (await example('blocktree root show')).trim()
    assert.ok(screen.includes(root))
    assert.equal(JSON.parse(await example('blocktree root show --json')).principal, root)
    await example('blocktree root backup /media/usb/root.age', USB)
    assert.equal(
      JSON.parse(await example('blocktree root backup root.age --json')).file,
      'root.age',
    )
    assert.equal(here('root.age'), here('media/usb/root.age'))
    assert.match(await asked('blocktree root phrase', [passphrase]), /24 \w+/)
    await example('blocktree root phrase --passphrase-file secret --phrase-file words')
    const words = here('words')
    const [one, two] = [`--dir ${home}/one`, `--dir ${home}/two`]
    for (const name of ['one', 'two']) await ok(`blocktree init ${name}`)
    const restored = await asked('blocktree root restore /media/usb/root.age', [passphrase], {
      ...USB,
      restore: `restore ${one}`,
    })
    assert.ok(restored.includes(root))
    const anew = await asked('blocktree root restore --new-tree', [words, passphrase, passphrase], {
      restore: `restore ${two}`,
    })
    assert.ok(anew.includes(root))
    assert.equal(await ok(`blocktree ls ${two}`), '')
    assert.match(await asked('blocktree root rotate', [passphrase]), /generation 1 of/)
    const next = await example('blocktree root rotate --passphrase-file secret --json')
    assert.equal(JSON.parse(next).generation, 2)
  })

  it('write, read and list files', async () => {
    file('a.txt', 'a letter\n')
    await example('blocktree mkdir /ROOT/docs')
    await example('blocktree mkdir --parents /ROOT/a/b/c')
    await example('blocktree put a.txt /ROOT/docs/a.txt')
    await example('tar -c photos | blocktree put - /ROOT/photos.tar')
    assert.equal(await ok('blocktree cat /ROOT/photos.tar | tar -t'), 'photos/\nphotos/1.jpg\n')
    await ok('rm a.txt')
    await example('blocktree get /ROOT/docs/a.txt')
    assert.equal(here('a.txt'), 'a letter\n')
    file('b.txt', 'old')
    await example('blocktree get /ROOT/docs/a.txt b.txt --force')
    assert.equal(here('b.txt'), 'a letter\n')
    assert.equal(await example('blocktree cat /ROOT/docs/a.txt'), 'a letter\n')
    for (const n of [1, 2]) await ok(`echo line ${n} | blocktree put - /ROOT/${n}.log`)
    const both = await example('blocktree cat /ROOT/1.log /ROOT/2.log')
    assert.equal(both, 'line 1\nline 2\n')
    assert.equal(await example('blocktree ls'), '1.log\n2.log\na/\ndocs/\nphotos.tar\n')
    assert.match(
      await example('blocktree ls /ROOT/docs --long'),
      /^0644 +9 +[\d-]+ [\d:]+ {2}a.txt/,
    )
    assert.match(await example('blocktree stat /ROOT/docs/a.txt'), /^size +9$/m)
    assert.equal(JSON.parse(await example('blocktree stat /ROOT --json')).kind, 'directory')
    const listed = await example('blocktree versions /ROOT/docs/a.txt')
    const [hash = ''] = /1220[0-9a-f]{64}/.exec(listed) ?? []
    const keep = 'blocktree versions /ROOT/docs/a.txt --keep 1220a1b2c3'
    await example(keep, { '1220a1b2c3': hash.slice(0, 10) })
  })

  it('share, ask and answer', async () => {
    const keys = fixedKeys('25519', 'box')
    const box = principalOf(keys.sign.publicKey)
    file('box.keys', Buffer.from(await recordOf(keys)).toString('base64url'))
    await ok('blocktree mkdir /ROOT/photos /ROOT/in')
    const shared = await example(`blocktree share /ROOT/photos ${box} --record box.keys`)
    assert.match(shared, new RegExp(`^/${root}/=[0-9a-f]{32}\n$`))
    await example(`blocktree share /ROOT/in ${box} --write --expires 7d`)
    await example(`blocktree unshare /ROOT/photos ${box}`)
    await example(`blocktree unshare /ROOT/in ${box} --json`)
    await example('blocktree reseal /ROOT/photos')
    assert.ok(JSON.parse(await example('blocktree reseal /ROOT --json')).blocks > 3)
    await example('blocktree request /ROOT/in --write')
    assert.match(
      await example('blocktree request /ROOT/in --note "the new printer"'),
      /“the new printer”/,
    )
    for (let i = 0; i < 2; i++) await ok('blocktree request /ROOT/docs')
    assert.equal((await example('blocktree request list')).trim().split('\n').length, 4)
    const list = (await example('blocktree request list --json')).trim().split('\n')
    const ids = list.map(line => (JSON.parse(line) as { id: string }).id)
    const written = '00112233445566778899aabbccddeeff'
    for (const [i, answer] of [
      `approve ${written}`,
      `approve ${written} --expires 1y`,
      `deny ${written}`,
      `deny ${written} --json`,
    ].entries())
      await example(`blocktree request ${answer}`, { [written]: ids[i]! })
    assert.equal(await ok('blocktree request list'), '')
  })

  it('check, and say how the node is', async () => {
    assert.match(await example('blocktree fsck'), /: all is well\n$/)
    assert.equal(JSON.parse(await example('blocktree fsck --repair --json')).ok, true)
    assert.match(await example('blocktree fsck --accept-rollback'), /: all is well\n$/)
    assert.match(await example('blocktree node status'), new RegExp(`^root +${root}$`, 'm'))
    assert.equal(JSON.parse(await example('blocktree node status --json')).root, root)
    assert.match(await example('blocktree node collect'), /^\d+ pieces, [\d.]+ k?B\n$/)
    assert.deepEqual(JSON.parse(await example('blocktree node collect --json')), {
      pieces: 0,
      bytes: 0,
    })
    assert.match(await example('blocktree status'), /: blocktree \d/)
    assert.ok(JSON.parse(await example('blocktree status --json')).findings)
  })

  it('move and remove', async () => {
    await ok('blocktree put a.txt /ROOT/a.txt')
    await example('blocktree mv /ROOT/a.txt /ROOT/b.txt')
    await ok('blocktree mv /ROOT/b.txt /ROOT/a.txt')
    await example('blocktree rm /ROOT/docs/a.txt')
    await example('blocktree mv /ROOT/a.txt /ROOT/docs')
    assert.equal(await ok('blocktree ls /ROOT/docs'), 'a.txt\n')
    await example('blocktree rm --recursive /ROOT/docs')
  })

  it('explain, and complete', async () => {
    assert.match(await example('blocktree completion bash'), /^complete -F _blocktree blocktree$/m)
    await ok('source <(blocktree completion bash); complete -p blocktree')
    assert.equal(JSON.parse(await example('blocktree completion bash --json')).shell, 'bash')
    assert.match(await example('blocktree help'), /^ {2}put /m)
    assert.match(await example('blocktree help node run'), /^Usage: blocktree node run/m)
  })

  it('run the node', async () => {
    const listening = createServer().listen(0, '127.0.0.1')
    await once(listening, 'listening')
    const at = `127.0.0.1:${(listening.address() as AddressInfo).port}`
    const { fd } = (listening as unknown as { _handle: { fd: number } })._handle
    const line = 'blocktree node run'
    const running = bash(line, { LISTEN_FDS: '1' }, fd)
    done.add(line)
    listening.close()
    // A unit of this machine that failed is none of the example's business.
    const health = async (line: string, replace: Record<string, string>) => {
      done.add(line)
      const { out, err } = await bash(put(line, replace))
      assert.match(out + err, /^healthy\n$|^not healthy: failed units: /)
    }
    await health('blocktree health', { health: `health --at ${at}` })
    await health('blocktree health --at 127.0.0.1:80 --within 60', { '127.0.0.1:80': at })
    const { pid } = JSON.parse(await ok('blocktree node status --json')) as { pid: number }
    process.kill(pid)
    const { code, err } = await running
    assert.deepEqual([code, /stopped by SIGTERM: ending\n$/.test(err)], [0, true], err)
  })

  it('run the node for everybody, and for a program', async () => {
    const line = 'blocktree node run --listen [::]:8080'
    const running = bash(put(line, { ':8080': ':0' }))
    done.add(line)
    while (!existsSync(join(home, '.blocktree/socket'))) await sleep(20)
    const { pid } = JSON.parse(await ok('blocktree node status --json')) as { pid: number }
    process.kill(pid)
    const { code, err } = await running
    assert.equal(code, 0, err)
    assert.match(err, /listening on http:\/\/\[::\]:\d+\//)
    await example('blocktree node run --dir /srv/node --stdio', SRV)
  })

  it('are all there is', async () => {
    const records = JSON.parse(await ok('blocktree help --json')) as Command[]
    const all = records.flatMap(({ examples }) => examples.map(([line]) => line))
    assert.ok(all.length > 60)
    const untried = all.filter(line => !done.has(line))
    assert.deepEqual(untried, [], 'these examples are run by nobody')
    const gone = [...done].filter(line => !all.includes(line))
    assert.deepEqual(gone, [], 'these are no examples any more')
  })
})
