/** Every verb as a user calls it, on the executable: with the daemon running and without. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Daemon } from '../../harness/daemon.ts'
import { folder, PASSPHRASE, prepareNode, type Prepared } from '../../harness/directory.ts'
import { done, run } from '../../harness/process.ts'
import { executable, type Program } from '../../harness/programs.ts'

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let program: Program
before(async () => {
  program = await executable()
})

describe('blocktree init and root', () => {
  const dir = join(folder(), 'node')
  const here = folder('here')
  const secret = join(here, 'secret')
  writeFileSync(secret, `${PASSPHRASE}\n`)
  const call = (line: string, input = '') =>
    run(line.split(' '), { program, dir, cwd: here, input })
  let phrase = ''
  let root = ''

  it('make a node and its tree, asking nothing', async () => {
    const made = await call('init')
    assert.equal(made.code, 0)
    assert.match(made.out, /^k51[0-9a-z]{59}\n$/)
    assert.equal((await call('principal')).out, made.out)
    assert.equal((await call('init')).code, 1)
    const missing = await call('ls')
    assert.equal(missing.code, 1)
    assert.match(missing.err, /no tree of its own yet: blocktree root create/)
    assert.equal((await call('root show')).code, 1)
  })

  it('show the recovery phrase once, and never where nobody sees it', async () => {
    const unseen = await call('root create --passphrase-file secret')
    assert.equal(unseen.code, 2)
    assert.match(unseen.err, /nobody would see the recovery phrase/)
    const none = await call('root create --json')
    assert.equal(none.code, 1)
    assert.match(none.err, /this is none: --passphrase-file FILE/)
    assert.match(none.out, /"ASK_NO_TERMINAL"/)
    writeFileSync(join(here, 'short'), 'short')
    assert.match((await call('root create --json --passphrase-file short')).err, /at least 10/)
    const made = await call('root create --passphrase-file secret --phrase-file words')
    assert.equal(made.code, 0, made.err)
    root = made.out.trim()
    phrase = readFileSync(join(here, 'words'), 'utf8').trim()
    assert.equal(phrase.split(' ').length, 24)
    assert.ok(!made.out.includes(phrase.split(' ')[0]!) && made.err === '')
    assert.equal(statSync(join(here, 'words')).mode & 0o777, 0o600)
    assert.equal((await call('root show')).out, `${root}\n`)
    assert.equal((await call('root create --json --passphrase-file secret')).code, 2)
  })

  it('tell the phrase to who has the passphrase', async () => {
    assert.equal((await call('root phrase --passphrase-file secret')).out, `${phrase}\n`)
    writeFileSync(join(here, 'wrong'), 'not the passphrase')
    const wrong = await call('root phrase --passphrase-file wrong --json')
    assert.equal(wrong.code, 1)
    assert.equal(JSON.parse(wrong.out).error.code, 'ROOT_PASSPHRASE_WRONG')
    writeFileSync(join(here, 'empty'), '\n')
    assert.equal((await call('root phrase --passphrase-file empty')).code, 2)
  })

  it('back the key up and put it back on another node, from the file and from the words', async () => {
    assert.equal((await call('root backup root.age')).code, 0)
    assert.match(readFileSync(join(here, 'root.age'), 'latin1'), /^-----BEGIN AGE/)
    const again = await call('root backup root.age')
    assert.deepEqual([again.code, /never replace/.test(again.err)], [2, true])
    for (const how of ['root.age', '--phrase-file words']) {
      const other = join(folder(), 'node')
      const at = (line: string) => run(line.split(' '), { program, dir: other, cwd: here })
      await at('init')
      const restored = await at(`root restore ${how} --passphrase-file secret --new-tree`)
      assert.deepEqual([restored.out, restored.code], [`${root}\n`, 0], restored.err)
      assert.equal((await at('mkdir /ROOT/a')).code, 0)
      assert.equal((await at('ls')).out, 'a/\n')
      assert.equal((await at('root phrase --passphrase-file secret')).out, `${phrase}\n`)
    }
  })
})

for (const how of ['a daemon', 'no daemon'])
  describe(`the verbs, with ${how}`, () => {
    const here = folder('here')
    let node: Prepared
    let daemon: Daemon | undefined
    before(async () => {
      node = await prepareNode()
      if (how === 'a daemon') daemon = await Daemon.start(node.path, { program })
    })
    after(() => daemon?.stop())
    const options = () => ({ program, dir: node.path, cwd: here })
    const call = (line: string, input: string | Uint8Array = '') =>
      run(line.split(' '), { ...options(), input })
    const ok = (line: string, input: string | Uint8Array = '') =>
      done(line.split(' '), { ...options(), input })
    const fails = async (line: string, code: number, message: RegExp) => {
      const failed = await call(line)
      assert.equal(failed.code, code, `${line}: ${failed.err}`)
      assert.match(failed.err, message, line)
      const json = await call(`${line} --json`)
      const { error } = JSON.parse(json.out)
      assert.ok(error.message && error.code, json.out)
      return error.code as string
    }

    it('put and get files of any size, unchanged', async () => {
      for (const size of [0, 1, 65_536, 65_537, 3_000_000]) {
        const bytes = randomBytes(size)
        writeFileSync(join(here, 'in'), bytes)
        await ok(`put in /ROOT/f${size}`)
        await ok(`get /ROOT/f${size}`)
        assert.equal(digest(readFileSync(join(here, `f${size}`))), digest(bytes))
      }
      const stored = JSON.parse(await ok('stat /ROOT/f65537 --json'))
      assert.deepEqual([stored.size, stored.kind, stored.generation], [65_537, 'file', 1])
      assert.equal(stored.writer, node.principal)
    })

    it('read standard input and write standard output', async () => {
      await ok('put - /ROOT/text', 'ünï\n')
      await ok('put - /ROOT/more', 'more\n')
      assert.equal(await ok('cat /ROOT/text /ROOT/more'), 'ünï\nmore\n')
      assert.equal(await ok('get /ROOT/text -'), 'ünï\n')
      assert.deepEqual(JSON.parse(await ok('put - /ROOT/text --json', 'x')), {
        path: '/ROOT/text',
        size: 1,
        generation: 2,
      })
    })

    it('make, list, move and remove', async () => {
      await ok('mkdir /ROOT/a /ROOT/b')
      assert.equal(await fails('mkdir /ROOT/a', 1, /there already/), 'TREE_EXISTS')
      await fails('mkdir /ROOT/a/x/y', 1, /: \/ROOT\/a\/x is not there\n {4}--parents makes/)
      await ok('mkdir -p /ROOT/a/x/y')
      await ok('mkdir -p /ROOT/a/x/y')
      writeFileSync(join(here, 'file'), 'content')
      await ok('put file /ROOT/a')
      await fails('put file /ROOT/new/deep/file', 1, /--parents makes/)
      await ok('put file /ROOT/new/deep/file --parents')
      assert.equal(await ok('ls /ROOT/new/deep/file'), 'file\n')
      assert.equal(await ok('ls /ROOT/a'), 'file\nx/\n')
      assert.match(await ok('ls -l /ROOT/a'), /^0644 +7 +20\d\d-\d\d-\d\d \d\d:\d\d  file\n0755/)
      const lines = (await ok('ls /ROOT/a --json')).trim().split('\n')
      assert.deepEqual(
        lines.map(line => JSON.parse(line).kind),
        ['file', 'directory'],
      )
      await ok('mv /ROOT/a/file /ROOT/b')
      assert.equal(await ok('cat /ROOT/b/file'), 'content')
      await ok('mv /ROOT/b/file /ROOT/b/other')
      await ok('put file /ROOT/b/third')
      await fails('mv /ROOT/b/other /ROOT/b/third', 1, /there already/)
      await ok('mv --force /ROOT/b/other /ROOT/b/third')
      assert.equal(await ok('ls /ROOT/b'), 'third\n')
      assert.equal(await fails('rm /ROOT/a', 1, /./), 'TREE_NOT_EMPTY')
      assert.equal(JSON.parse(await ok('rm -r /ROOT/a --json')).path, '/ROOT/a')
      assert.equal(await fails('ls /ROOT/a', 1, /not there|nothing/), 'TREE_NOT_FOUND')
      await ok('rm -f /ROOT/a')
      await fails('rm /ROOT/a', 1, /./)
    })

    it('list versions, show one and keep it', async () => {
      await ok('put - /ROOT/both', 'as it was')
      if (daemon) {
        const late = async function* () {
          // More than the node takes before it has opened the file.
          yield new Uint8Array(8_000_000)
          await ok('put - /ROOT/both', 'the one between')
          yield Buffer.from('the late one')
        }
        await (await daemon.client()).write({ path: '/ROOT/both' }, late())
        const lines = (await ok('versions /ROOT/both')).trim().split('\n')
        assert.match(
          lines[0]!,
          /^current  20\d\d-\d\d-\d\d [\d:]{8} +8000012  k51\w+  1220[0-9a-f]{64}$/,
        )
        assert.match(
          lines[1]!,
          /^lost     20\d\d-\d\d-\d\d [\d:]{8} +15  k51\w+  1220[0-9a-f]{64}$/,
        )
        const lost = lines[1]!.split('  ').at(-1)!
        assert.equal(await ok(`cat /ROOT/both --version ${lost}`), 'the one between')
        await ok(`get /ROOT/both lost.txt --version ${lost.slice(0, 20)}`)
        assert.equal(readFileSync(join(here, 'lost.txt'), 'utf8'), 'the one between')
        await fails('versions /ROOT/both --keep 1220', 2, /2 versions that begin with 1220/)
        await fails('cat /ROOT/both --version ffff', 2, /no version that begins with ffff/)
        await ok(`versions /ROOT/both --keep ${lost.slice(0, 20)}`)
        assert.equal(await ok('cat /ROOT/both'), 'the one between')
      }
      const left = (await ok('versions /ROOT/both --json')).trim().split('\n')
      assert.equal(left.length, 1)
      assert.equal(JSON.parse(left[0]!).current, true)
      await fails('versions /ROOT', 1, /is a directory, not a file/)
    })

    it('replace no file of this machine unasked, and leave no half one', async () => {
      await ok('put - /ROOT/small', 'new')
      writeFileSync(join(here, 'small'), 'old')
      await fails('get /ROOT/small', 2, /there already: --force/)
      assert.equal(readFileSync(join(here, 'small'), 'utf8'), 'old')
      await ok('get /ROOT/small --force')
      assert.equal(readFileSync(join(here, 'small'), 'utf8'), 'new')
      await fails('get /ROOT/gone', 1, /./)
      assert.equal(existsSync(join(here, 'gone')), false)
      await fails('get /ROOT', 1, /./)
      assert.deepEqual(
        readdirSync(here).filter(name => name.endsWith('.part')),
        [],
      )
    })

    it('say what is wrong with what they are given', async () => {
      assert.equal(await fails('stat relative', 1, /does not begin with/), 'TREE_PATH')
      assert.equal(await fails('stat /ROOT/../x', 1, /\.\./), 'TREE_NAME')
      assert.equal(
        await fails('put nothing /ROOT/a', 1, /there is no file nothing/),
        'FILE_MISSING',
      )
      await ok('put - /ROOT/own', 'x')
      const where = join(here, 'no/folder')
      assert.equal(await fails(`get /ROOT/own ${where}`, 1, /no folder for/), 'FILE_MISSING')
      assert.equal(
        await fails('get /ROOT/own /sys/own', 1, /no permission to/),
        'FILE_NO_PERMISSION',
      )
      assert.equal(await fails('share /ROOT k51a --record no', 1, /./), 'PRINCIPAL_MALFORMED')
      await fails(`share /ROOT ${node.root} --record no`, 1, /there is no file no/)
      await fails('root phrase --passphrase-file no', 1, /there is no file no/)
      await fails('root backup no/such/key.age', 1, /there is no folder for no/)
      assert.equal(existsSync(join(here, 'no')), false)
      assert.equal(await fails(`put ${here} /ROOT/a`, 2, /is a folder/), 'LINE_VALUE')
      await fails('put - /ROOT', 2, /is a directory: name the file/)
      assert.equal(await fails('share /ROOT k51nobody', 1, /principal/), 'PRINCIPAL_MALFORMED')
      await fails(`share /ROOT ${node.root} --expires soon`, 2, /30d/)
    })

    it('share with another, take it back, and seal anew', async () => {
      const other = await prepareNode()
      const record = await done(['principal', '--record'], { program, dir: other.path })
      writeFileSync(join(here, 'keys'), record)
      await ok('put - /ROOT/shared/doc -p', 'for both')
      await fails(`share /ROOT/shared ${other.principal}`, 1, /not known here: blocktree principal/)
      await fails(`share /ROOT/shared ${node.principal} --record keys`, 1, /the record is of/)
      const shared = JSON.parse(
        await ok(`share /ROOT/shared ${other.principal} --write --expires 2h --record keys --json`),
      )
      assert.match(shared.path, new RegExp(`^/${node.root}/=[0-9a-f]{32}$`))
      assert.ok(Math.abs(shared.expires - Date.now() - 7_200_000) < 60_000)
      assert.ok((await ok('stat /ROOT/shared --json')).includes(other.principal))
      await ok(`unshare /ROOT/shared ${other.principal}`)
      assert.ok(!(await ok('stat /ROOT/shared --json')).includes(other.principal))
      await fails(`unshare /ROOT/shared ${other.principal}`, 1, /not shared with/)
      assert.match(await ok('reseal /ROOT/shared'), /^2 blocks, \d+ sectors\n$/)
      assert.equal(await ok('cat /ROOT/shared/doc'), 'for both')
    })

    it('ask for access, list who asks, approve and deny', async () => {
      const asked = JSON.parse(await ok('request /ROOT --write --note please --json'))
      const again = (await ok('request /ROOT')).split('  ')[0]!
      assert.match(await ok('request list'), /^[0-9a-f]{32}  k51\w+  read and write  .*“please”\n/)
      await ok(`request deny ${again}`)
      await ok(`request approve ${asked.id} --expires 1d`)
      assert.equal(await ok('request list --json'), '')
      assert.equal(await fails(`request deny ${asked.id}`, 1, /waits/), 'TREE_NO_REQUEST')
      await fails('request approve nonsense', 1, /expected 32/)
    })

    it('let the next root key take over', async () => {
      writeFileSync(join(here, 'secret'), PASSPHRASE)
      const first = await ok('root rotate --passphrase-file secret --json')
      assert.deepEqual(JSON.parse(first), { principal: node.root, generation: 1 })
      const second = await ok('root rotate --passphrase-file secret')
      assert.equal(second, `generation 2 of ${node.root}\n`)
      await ok('put - /ROOT/after', 'rotated')
      assert.equal(await ok('cat /ROOT/after'), 'rotated')
      assert.equal((await ok('root phrase --passphrase-file secret')).trim(), node.phrase)
    })

    it('check the store, and say how the node is', async () => {
      assert.match(await ok('fsck'), /^\d+ blocks, \d+ pieces: all is well\n$/)
      assert.equal(JSON.parse(await ok('fsck --json')).ok, true)
      const status = JSON.parse(await ok('node status --json'))
      assert.deepEqual([status.principal, status.root], [node.principal, node.root])
      if (daemon) assert.equal(status.pid, daemon.pid)
      assert.match(await ok('node status'), /usedBytes +\d+/)
    })
  })
