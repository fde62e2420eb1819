import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { CHECKS } from '../../../image/cli/doctor-checks.ts'
import { hasKeys, host, which } from '../../../image/setup/host.mjs'
import { incomplete } from '../../../image/setup/modules.mjs'
import { bt, REPO, folder as newFolder } from './checkout.ts'

type Finding = { name: string; state: string; found: string; advice?: string }

/** What bt doctor finds in an environment, by the name of the check. */
async function found(env: Readonly<Record<string, string>> = {}) {
  const { out, code } = await bt(['doctor', '--json'], { env })
  const findings = JSON.parse(out) as Finding[]
  return { code, findings, of: (name: string) => findings.find(finding => finding.name === name)! }
}

describe('bt doctor', () => {
  it('tells every check, as text and as JSON', async () => {
    const { findings } = await found()
    assert.deepEqual(
      findings.map(({ name }) => name),
      Object.keys(CHECKS),
    )
    const { out } = await bt(['doctor'])
    for (const { name } of findings)
      assert.match(out, new RegExp(`^(ok|note|missing) +${name} `, 'm'))
  })

  it('fails when anything needed is missing, and says what to do', async () => {
    const { code, findings, of } = await found({
      BT_CACHE: '/dev/null/cache',
      BT_DEBIAN_MIRROR: 'no address',
      PATH: '/nowhere',
    })
    assert.equal(code, 1)
    assert.match(of('folders').found, /^cannot write \/dev\/null\/cache$/)
    assert.match(of('mirrors').found, /BT_DEBIAN_MIRROR names "no address"/)
    assert.match(of('programs').advice ?? '', /apt-get install apt dpkg gpgv tar$/)
    for (const { state, name, advice, found } of findings)
      if (state !== 'ok') assert.ok((advice ?? found).length > 10, name)
  })
})

describe('what set-up looks at', () => {
  const folder = newFolder()
  const file = join(folder, 'os-release')

  it('tells Debian and its derivatives from others', () => {
    const of = (text: string) => {
      writeFileSync(file, text)
      return host(file)
    }
    const debian = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nID=debian\n'
    assert.deepEqual(of(debian), { name: 'Debian GNU/Linux 13 (trixie)', debian: true })
    assert.equal(of('ID=ubuntu\nID_LIKE=debian\n').debian, true)
    assert.equal(of('ID=mint\nID_LIKE="ubuntu debian"\n').debian, true)
    assert.equal(of('ID=fedora\nID_LIKE="rhel"\n').debian, false)
    assert.equal(of('ID=notdebian\n').debian, false)
    assert.deepEqual(host(join(folder, 'none')), { name: 'an unknown Linux', debian: false })
  })

  it('wants the keys of Debian 13, not only a keyring', () => {
    assert.equal(hasKeys(folder), false)
    writeFileSync(join(folder, 'debian-archive-keyring.gpg'), '')
    assert.equal(hasKeys(folder), false)
    writeFileSync(join(folder, 'debian-archive-trixie-automatic.pgp'), '')
    assert.equal(hasKeys(folder), true)
  })

  it('finds programs as a shell does', () => {
    assert.equal(which('sh', `::${folder}:/bin`), '/bin/sh')
    assert.equal(which('os-release', folder), undefined)
    assert.equal(which('sh', ''), undefined)
  })

  it('sees that node_modules is of another checkout or processor', () => {
    assert.equal(incomplete(REPO), undefined)
    const other = process.arch === 'x64' ? 'arm64' : 'x64'
    assert.match(incomplete(REPO, other) ?? '', /is missing$/)
  })
})
