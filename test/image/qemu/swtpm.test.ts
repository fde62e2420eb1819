/** The TPM really is one: it answers TPM 2.0 commands, keeps its state and ends when it should. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { startBareTpm } from '../../../image/qemu/swtpm.ts'
import type { Toolset } from '../../../image/toolset.ts'
import { qemuTools } from '../../boot/built.ts'

/** Commands as in the TPM 2.0 Library, part 3. */
const STARTUP = '8001 0000000c 00000144 0000'
const MANUFACTURER = '8001 00000016 0000017a 00000006 00000105 00000001'
const RESET_COUNT = '8001 0000000a 00000181'

describe('the TPM of a machine', () => {
  let tools: Toolset
  const folder = mkdtempSync(join(tmpdir(), 'bt-tpm-'))
  before(async () => {
    tools = await qemuTools()
  })
  after(() => rmSync(folder, { recursive: true }))

  async function ask(commands: Duplex, hex: string): Promise<string> {
    commands.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    const [answer] = (await once(commands, 'data')) as [Buffer]
    return answer.toString('hex')
  }

  it('answers Startup and GetCapability', async () => {
    const tpm = startBareTpm(tools, join(folder, 'a'))
    assert.equal(await ask(tpm.commands, STARTUP), '80010000000a00000000')
    const answer = await ask(tpm.commands, MANUFACTURER)
    assert.match(answer, /^8001[0-9a-f]{8}00000000/)
    assert.equal(Buffer.from(answer.slice(-8), 'hex').toString(), 'IBM\0')
    tpm.commands.destroy()
    assert.equal((await tpm.ended).status, 0, tpm.said())
  })

  it('refuses what is no command, and goes on', async () => {
    const tpm = startBareTpm(tools, join(folder, 'a'))
    assert.equal(await ask(tpm.commands, STARTUP), '80010000000a00000000')
    // TPM_RC_COMMAND_CODE
    assert.match(await ask(tpm.commands, '8001 0000000a 0000ffff'), /00000143$/)
    assert.match(await ask(tpm.commands, MANUFACTURER), /^8001[0-9a-f]{8}00000000/)
    tpm.commands.destroy()
    await tpm.ended
  })

  it('is the same chip at its next start', async () => {
    const counts: number[] = []
    for (let start = 0; start < 2; start++) {
      const tpm = startBareTpm(tools, join(folder, 'b'))
      await ask(tpm.commands, STARTUP)
      // TPM2_ReadClock: time, clock, then resetCount, which counts starts of this chip.
      counts.push(parseInt((await ask(tpm.commands, RESET_COUNT)).slice(52, 60), 16))
      tpm.commands.destroy()
      await tpm.ended
    }
    assert.equal(counts[1]! - counts[0]!, 1)
    assert.ok(readdirSync(join(folder, 'b')).some(name => name.endsWith('.permall')))
  })

  it('does not share its state with a second one', async () => {
    const first = startBareTpm(tools, join(folder, 'c'))
    await ask(first.commands, STARTUP)
    const second = startBareTpm(tools, join(folder, 'c'))
    second.commands.on('error', () => {})
    assert.notEqual((await second.ended).status, 0)
    assert.match(second.said(), /lock/i)
    first.commands.destroy()
    await first.ended
  })
})
