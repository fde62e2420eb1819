/** The room and its packages can be part of the daemon: one script, CommonJS, no native code. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { build } from 'esbuild'

const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
after(() => rmSync(folder, { recursive: true }))
const crypto = join(import.meta.dirname, '../../../node/crypto')

const PROGRAM = `
import { createCredentialFile } from '${crypto}/credential-file.ts'
import { ED25519, X25519 } from '${crypto}/algorithm.ts'
import { sealTo } from '${crypto}/hpke.ts'
import { systemRandom } from '${crypto}/random.ts'
import { exportRoot, importRoot } from '${crypto}/root-backup.ts'
import { RootKey } from '${crypto}/root-key.ts'

async function main() {
  const root = RootKey.create(systemRandom)
  const backup = await exportRoot(root, 'a passphrase', systemRandom, 4)
  const back = await importRoot(backup, 'a passphrase')
  const algorithms = { sign: ED25519, decrypt: X25519 }
  const store = await createCredentialFile(process.argv[2], algorithms, systemRandom)
  const context = { info: Buffer.from('here') }
  const sealed = await sealTo(store.decryptKey, context, Buffer.from('hello'), systemRandom)
  const opened = Buffer.from(await store.open(sealed, context)).toString()
  console.log(JSON.stringify([back.phrase() === root.phrase(), opened]))
}
void main()
`

describe('node/crypto', () => {
  it('works in one CommonJS script, away from its packages', async () => {
    writeFileSync(join(folder, 'program.ts'), PROGRAM)
    const outfile = join(folder, 'program.cjs')
    const { metafile } = await build({
      entryPoints: [join(folder, 'program.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node24',
      metafile: true,
      tsconfigRaw: {},
      logLevel: 'silent',
    })
    const outside = Object.values(metafile.outputs)
      .flatMap(output => output.imports)
      .filter(({ path }) => !path.startsWith('node:'))
    assert.deepEqual(outside, [])
    const args = [outfile, join(folder, 'credentials')]
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    assert.equal(stderr, '')
    assert.deepEqual(JSON.parse(stdout), [true, 'hello'])
  })
})
