import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { memory } from '../../../image/disk/bytes.ts'
import { hashDeviceBytes, parseVeritySuperblock, verityFormat } from '../../../image/disk/verity.ts'
import { run } from '../../../image/spawn.ts'
import { assertGolden, hexRows } from './golden.ts'
import { find, lacking } from './tools.ts'

const PARAMS = {
  salt: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
  uuid: '6c8a2f2e-5d0b-8a3c-9b1d-0123456789ab',
}

/** So many blocks, each different from the others. */
function blocks(n: number): Buffer {
  const data = Buffer.alloc(n * 4096)
  for (let i = 0; i < n; i++) data.writeUInt32LE((i * 2654435761) >>> 0, i * 4096 + (i % 1000))
  return data
}

describe('dm-verity', () => {
  it('gives the golden bytes for 130 blocks (made by veritysetup 2.7.5)', () => {
    const { device, rootHash } = verityFormat(memory(blocks(130)), PARAMS)
    assertGolden('disk/verity-130.hex', `${hexRows(device)}root ${rootHash.toString('hex')}\n`)
  })

  it('reads back the superblock it wrote', () => {
    for (const salt of ['', 'ab', 'cd'.repeat(256)]) {
      const params = { ...PARAMS, salt: Buffer.from(salt, 'hex') }
      const { device } = verityFormat(memory(blocks(3)), params)
      assert.deepEqual(parseVeritySuperblock(device), { ...params, dataBlocks: 3 })
      assert.equal(device.length, hashDeviceBytes(3))
    }
  })

  it('changes the root hash with every block, with the salt and with nothing else', () => {
    const data = blocks(200)
    const root = (params = PARAMS) => verityFormat(memory(data), params).rootHash.toString('hex')
    const first = root()
    const seen = new Set([first])
    for (let block = 0; block < 200; block += 9) {
      data[block * 4096 + 4095]! ^= 1
      seen.add(root())
      data[block * 4096 + 4095]! ^= 1
    }
    assert.equal(seen.size, 1 + Math.ceil(200 / 9))
    assert.notEqual(root({ ...PARAMS, salt: Buffer.from('00', 'hex') }), first)
    assert.equal(root({ ...PARAMS, uuid: '6c8a2f2e-5d0b-8a3c-9b1d-000000000000' }), first)
  })

  it('refuses data that are not whole blocks, long salts and bad UUIDs', () => {
    for (const size of [0, 1, 4095, 4097])
      assert.throws(() => verityFormat(memory(Buffer.alloc(size)), PARAMS), {
        code: 'VERITY_BAD_INPUT',
        message: new RegExp(`${size} bytes`),
      })
    for (const params of [
      { ...PARAMS, salt: Buffer.alloc(257) },
      { ...PARAMS, uuid: 'x' },
    ])
      assert.throws(() => verityFormat(memory(blocks(1)), params), { code: 'VERITY_BAD_INPUT' })
  })

  it('refuses superblocks it can not follow', () => {
    const good = verityFormat(memory(blocks(1)), PARAMS).device
    const cases: [string, (b: Buffer) => unknown][] = [
      ['signature', b => b.fill(0, 0, 8)],
      ['version 2', b => b.writeUInt32LE(2, 8)],
      ['hash type 0', b => b.writeUInt32LE(0, 12)],
      ['sha512', b => b.write('sha512', 32)],
      ['data blocks of 512', b => b.writeUInt32LE(512, 64)],
      ['hash blocks of 1 GiB', b => b.writeUInt32LE(2 ** 30, 68)],
      ['no data', b => b.writeBigUInt64LE(0n, 72)],
      ['2^63 data blocks', b => b.writeBigUInt64LE(1n << 63n, 72)],
      ['salt of 257', b => b.writeUInt16LE(257, 80)],
    ]
    for (const [what, change] of cases) {
      const bytes = Buffer.from(good)
      change(bytes)
      assert.throws(() => parseVeritySuperblock(bytes), { code: 'VERITY_BAD_SUPERBLOCK' }, what)
    }
    assert.throws(() => parseVeritySuperblock(good.subarray(0, 511)), {
      code: 'VERITY_BAD_SUPERBLOCK',
    })
  })
})

describe('judge of dm-verity', { skip: lacking('veritysetup') }, () => {
  let folder: string
  before(() => void (folder = mkdtempSync(join(tmpdir(), 'verity-'))))
  after(() => rmSync(folder, { recursive: true }))

  // One block has no tree at all; 128 digests fill a hash block; 16,384 blocks fill two levels.
  for (const [n, salt] of [
    [1, 'aa'],
    [2, ''],
    [127, '00'.repeat(32)],
    [128, 'ff'.repeat(256)],
    [129, '01'],
    [16384, '02'],
    [16385, '0304'],
  ] as const)
    it(`veritysetup makes the same of ${n} blocks with ${salt.length / 2} bytes of salt`, async () => {
      const at = (name: string) => join(folder, name)
      const data = blocks(n)
      writeFileSync(at('data'), data)
      rmSync(at('hash'), { force: true })
      const { stdout } = await run(find('veritysetup')!, [
        'format',
        `--salt=${salt || '-'}`,
        `--uuid=${PARAMS.uuid}`,
        at('data'),
        at('hash'),
      ])
      const ours = verityFormat(memory(data), { salt: Buffer.from(salt, 'hex'), uuid: PARAMS.uuid })
      assert.equal(
        /Root hash:\s+([0-9a-f]+)/.exec(stdout.toString())?.[1],
        ours.rootHash.toString('hex'),
      )
      const theirs = readFileSync(at('hash'))
      assert.ok(
        theirs.equals(ours.device),
        `differs at ${theirs.findIndex((b, i) => b !== ours.device[i])}`,
      )
    })
})
