import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { parseBmap, rangeSha256, writeBmap, type Bmap } from '../../../image/disk/bmap.ts'
import { memory } from '../../../image/disk/bytes.ts'
import { assertGolden } from './golden.ts'

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const MAP: Bmap = {
  imageBytes: 10 * 4096 + 512,
  ranges: [
    { start: 0, end: 4096, sha256: hash('a') },
    { start: 2 * 4096, end: 5 * 4096, sha256: hash('b') },
    { start: 10 * 4096, end: 10 * 4096 + 512, sha256: hash('c') },
  ],
}

/** Changes the text and makes its checksum right again. */
function changed(from: string | RegExp, to: string): string {
  const text = writeBmap(MAP)
  const old = /<BmapFileChecksum> (\w+)/.exec(text)![1]!
  const zeroed = text.replace(old, '0'.repeat(64)).replace(from, to)
  assert.notEqual(zeroed, text.replace(old, '0'.repeat(64)), `${from} is not there`)
  return zeroed.replace('0'.repeat(64), createHash('sha256').update(zeroed).digest('hex'))
}

describe('block map', () => {
  it('gives the golden text', () => assertGolden('disk/image.bmap', writeBmap(MAP)))

  it('reads back what it wrote, a last block cut short included', () => {
    assert.deepEqual(parseBmap(writeBmap(MAP)), MAP)
    assert.throws(() => parseBmap(writeBmap({ ...MAP, ranges: [] })), { code: 'BMAP_MALFORMED' })
  })

  it('notices any changed character', () => {
    const text = writeBmap(MAP)
    for (let i = 0; i < text.length; i++) {
      const other = text[i] === '1' ? '2' : '1'
      assert.throws(() => parseBmap(text.slice(0, i) + other + text.slice(i + 1)), {
        name: 'BmapError',
      })
    }
  })

  it('refuses what it can not follow, with a right checksum', () => {
    const cases: [string | RegExp, string][] = [
      ['version="2.0"', 'version="3.0"'],
      [/sha256 <\/Ch/, 'sha1 </Ch'],
      ['<BlockSize> 4096', '<BlockSize> 512'],
      [/<ImageSize>.*\n/, ''],
      [/(<ImageSize>.*\n)/, '$1$1'],
      [/<ImageSize> \d+/, '<ImageSize> -1'],
      [/<ImageSize> \d+/, '<ImageSize> 99999999999999999999'],
      [/<BlocksCount> \d+/, '<BlocksCount> 12'],
      [/<MappedBlocksCount> \d+/, '<MappedBlocksCount> 4'],
      [' 2-4 ', ' 4-2 '],
      [' 2-4 ', ' 0-2 '],
      [' 2-4 ', ' 9-11 '],
      [' 10 ', ' 11 '],
      [/ chksum="\w+"> 2-4/, '> 2-4'],
      [/<BlockMap>/, ''],
      ['</BlockMap>', '<Evil/></BlockMap>'],
    ]
    for (const [from, to] of cases)
      assert.throws(() => parseBmap(changed(from, to)), { code: 'BMAP_MALFORMED' }, `${from}`)
  })

  it('reads a map written by bmaptool 3.9, whose checksum covers its comments', () => {
    const text = `<?xml version="1.0" ?>
<!-- <ImageSize> 1 </ImageSize> in a comment says nothing -->

<bmap version="2.0">
    <!-- Image size in bytes: 16.0 KiB -->
    <ImageSize> 16384 </ImageSize>
    <BlockSize> 4096 </BlockSize>
    <BlocksCount> 4 </BlocksCount>
    <!-- Count of mapped blocks: 4.0 KiB or 25.0%    -->
    <MappedBlocksCount> 1 </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <BmapFileChecksum> ${'0'.repeat(64)} </BmapFileChecksum>
    <BlockMap>
        <Range chksum="${hash('x')}"> 3 </Range>
    </BlockMap>
</bmap>
`
    const sealed = text.replace('0'.repeat(64), hash(text))
    assert.deepEqual(parseBmap(sealed).ranges, [{ start: 12288, end: 16384, sha256: hash('x') }])
  })

  it('hashes ranges of any length', () => {
    const bytes = Buffer.alloc(9 * 2 ** 20 + 5, 'abc')
    for (const range of [
      [0, 0],
      [1, 2],
      [5, 4194309],
      [3, bytes.length],
    ] as const)
      assert.equal(
        rangeSha256(memory(bytes), range),
        createHash('sha256')
          .update(bytes.subarray(...range))
          .digest('hex'),
      )
  })
})
