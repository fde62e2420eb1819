/** `bt sbom` and `bt licenses` on the reports that a build left. */
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { call, folder, REPO } from './checkout.ts'

describe('bt sbom and bt licenses', () => {
  const top = folder()
  const { version } = JSON.parse(readFileSync(join(REPO, 'package.json'), 'utf8'))
  const built = join(top, 'build/qemu-x86_64', `dev-${version}`)
  mkdirSync(join(built, 'licenses/some'), { recursive: true })
  cpSync(join(REPO, 'LICENSE'), join(built, 'licenses/some/copyright'))
  const rows = [{ name: 'some', version: '1-2', license: null, text: 'some/copyright' }]
  writeFileSync(join(built, 'licenses.json'), JSON.stringify(rows))
  for (const name of ['sbom.spdx', 'sbom.cdx', 'sbom-tools.spdx', 'sbom-tools.cdx'])
    writeFileSync(join(built, `${name}.json`), `{"is":"${name}"}\n`)
  const bt = (line: string) =>
    call(process.execPath, [join(REPO, 'image/cli/main.ts'), ...line.split(' ')], {
      cwd: top,
      env: { BT_BUILD: join(top, 'build'), NODE_NO_WARNINGS: '1' },
    })

  const PRINTED: [string, string][] = [
    ['sbom', 'sbom.spdx'],
    ['sbom qemu-x86_64 --format spdx', 'sbom.spdx'],
    ['sbom --format cyclonedx', 'sbom.cdx'],
    ['sbom --tools', 'sbom-tools.spdx'],
    ['sbom --tools --format cyclonedx --dev', 'sbom-tools.cdx'],
  ]
  for (const [line, name] of PRINTED)
    it(`bt ${line} prints ${name}.json`, async () => {
      const { code, out, err } = await bt(line)
      assert.deepEqual({ code, out, err }, { code: 0, out: `{"is":"${name}"}\n`, err: '' })
    })

  it('bt sbom --output writes the file and says so', async () => {
    assert.equal((await bt('sbom -o some.json')).out, 'some.json\n')
    assert.equal(readFileSync(join(top, 'some.json'), 'utf8'), '{"is":"sbom.spdx"}\n')
    const { out } = await bt('sbom --format cyclonedx --output other.json --json')
    assert.deepEqual(JSON.parse(out), {
      board: 'qemu-x86_64',
      format: 'cyclonedx',
      file: join(top, 'other.json'),
    })
  })

  it('bt licenses lists packages and writes all texts', async () => {
    const { code, out } = await bt('licenses')
    assert.equal(code, 0)
    assert.match(
      out,
      /^some {2}1-2 {2}see its text\n1 packages; all texts are in \S+licenses\.txt\n$/,
    )
    assert.match(readFileSync(join(built, 'licenses.txt'), 'utf8'), /some 1-2[^]+Apache License/)
    const json = await bt('licenses --json -o texts.txt')
    const texts = join(top, 'texts.txt')
    assert.deepEqual(JSON.parse(json.out), { board: 'qemu-x86_64', packages: rows, texts })
    assert.ok(existsSync(texts))
  })

  it('fail when the image is not built, and say how to build it', async () => {
    for (const verb of ['sbom', 'licenses']) {
      const { code, out } = await bt(`${verb} --release --json`)
      assert.equal(code, 1)
      const { error } = JSON.parse(out)
      assert.equal(error.code, 'REPORT_NOT_BUILT')
      assert.match(error.message, /run bt build qemu-x86_64 --release first/)
    }
  })
})
