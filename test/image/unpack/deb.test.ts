/** Debian packages through the `xz` of a tool set, and through `dpkg-deb` where there is none. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { scan } from '../../../image/engine/tree.ts'
import { unpack } from '../../../image/unpack/unpack.ts'
import { tarOf } from './tar-bytes.ts'

const folder = mkdtempSync(join(tmpdir(), 'deb-'))
after(() => rmSync(folder, { recursive: true }))
const at = (...names: string[]) => join(folder, ...names)

/** An `xz` that notes that it was used. */
mkdirSync(at('bin'))
writeFileSync(at('bin/xz'), `#!/bin/sh\n: > '${at('used')}'\nexec /usr/bin/xz "$@"\n`, {
  mode: 0o755,
})
const TOOLS = { PATH: at('bin') }
const NONE = { PATH: '' }

const xz = (bytes: Buffer) => execFileSync('xz', ['-c'], { input: bytes })
const head = (name: string, size: string) =>
  `${name.padEnd(16)}${'0'.padEnd(32)}${size.padEnd(10)}\`\n`
const ar = (...members: [string, string | Buffer][]) =>
  Buffer.concat([
    Buffer.from('!<arch>\n'),
    ...members.flatMap(([name, bytes]) => [
      Buffer.from(head(name, `${bytes.length}`)),
      Buffer.from(bytes),
      Buffer.alloc(bytes.length % 2, '\n'),
    ]),
  ])

const VERSION = ['debian-binary', '2.0\n'] as [string, string]
const CONTROL = [
  'control.tar.gz',
  gzipSync(
    tarOf({
      path: './control',
      bytes: 'Package: a\nVersion: 1\nArchitecture: all\nMaintainer: N <n@e>\nDescription: d\n',
    }),
  ),
] as [string, Buffer]
const CONTENTS = [1, 2, 3, 4].map(n => xz(tarOf({ path: './usr/f', bytes: 'text'.repeat(n ** 9) })))

describe('a Debian package', () => {
  it('gives the same tree with and without a tool set', async () => {
    for (const [i, data] of CONTENTS.entries()) {
      writeFileSync(at('a.deb'), ar(VERSION, CONTROL, ['data.tar.xz', data], ['_sum', 'odd']))
      rmSync(at('used'), { force: true })
      await unpack([at('a.deb')], at(`host-${i}`), NONE)
      assert.ok(!existsSync(at('used')))
      await unpack([at('a.deb')], at(`tools-${i}`), TOOLS)
      assert.ok(existsSync(at('used')), 'the tool set has an xz')
      assert.deepEqual(scan(at(`tools-${i}`)), scan(at(`host-${i}`)))
      assert.equal(readFileSync(at(`tools-${i}/usr/f`), 'utf8'), 'text'.repeat((i + 1) ** 9))
    }
  })

  it('of another compression is left to dpkg-deb', async () => {
    rmSync(at('used'), { force: true })
    const data = gzipSync(tarOf({ path: './usr/f', bytes: 'x' }))
    writeFileSync(at('b.deb'), ar(VERSION, CONTROL, ['data.tar.gz', data]))
    await unpack([at('b.deb')], at('gzip'), TOOLS)
    assert.equal(readFileSync(at('gzip/usr/f'), 'utf8'), 'x')
    assert.ok(!existsSync(at('used')))
  })

  const data = CONTENTS[3]!
  const whole = ar(VERSION, CONTROL, ['data.tar.xz', data])
  const BROKEN: Record<string, [Buffer | string, RegExp]> = {
    'is no archive': ['no package at all', /no ar archive/],
    'is empty': ['', /no ar archive/],
    'begins with something else': [ar(CONTROL, ['data.tar.xz', data]), /begins with control/],
    'is of another format': [ar(['debian-binary', '3.0\n'], CONTROL), /format is 3\.0/],
    'has no contents': [ar(VERSION, CONTROL), /ends without data\.tar/],
    'ends in a member': [whole.subarray(0, 140), /ends in control\.tar\.gz/],
    'has a member of no size': [
      Buffer.concat([ar(VERSION), Buffer.from(head('control.tar', '-5'))]),
      /member 2 has no ar header/,
    ],
    'has a member of absurd size': [
      Buffer.concat([ar(VERSION), Buffer.from(head('control.tar', '9999999999'))]),
      /control\.tar has 9999999999 bytes/,
    ],
    'has members without end': [
      ar(VERSION, ...Array.from({ length: 40 }, () => ['x', ''] as [string, string])),
      /no data\.tar among/,
    ],
    'is cut in its contents': [whole.subarray(0, whole.length - 30), /cut|end|input|corrupt/i],
    'has wrong bytes in its contents': [
      Buffer.concat([whole.subarray(0, -90), Buffer.alloc(90, 7)]),
      /corrupt|xz ended/i,
    ],
  }
  for (const [what, [bytes, message]] of Object.entries(BROKEN))
    it(`that ${what} is refused by name`, async () => {
      writeFileSync(at('broken.deb'), bytes)
      for (const env of [TOOLS, NONE])
        await assert.rejects(unpack([at('broken.deb')], at('broken'), env), (error: Error) => {
          assert.equal((error as { code?: string }).code, 'UNPACK_BAD_ARCHIVE')
          assert.match(error.message, /^broken\.deb: /)
          if (env === TOOLS) assert.match(error.message, message)
          return true
        })
    })
})
