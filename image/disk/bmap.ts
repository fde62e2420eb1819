/**
 * Block maps as bmaptool 3 reads and writes them (format 2.0): an XML file that lists the ranges of
 * 4096-byte blocks which must be written, with the SHA-256 of each range and of the file itself
 * (computed with that one value as 64 zeros).
 */
import { createHash } from 'node:crypto'
import type { Bytes } from './bytes.ts'
import type { Range } from './fat.ts'

export const BMAP_BLOCK = 4096
const CHUNK = 256 * 1024
const NO_CHECKSUM = '0'.repeat(64)

export type BmapErrorCode = 'BMAP_MALFORMED' | 'BMAP_CHECKSUM'

/** A block map that can't be used. */
export class BmapError extends Error {
  readonly code: BmapErrorCode
  constructor(code: BmapErrorCode, message: string) {
    super(`block map: ${message}`)
    this.name = 'BmapError'
    this.code = code
  }
}

/** A range of bytes, `[start, end)`, and the SHA-256 of what it holds, in hex. */
export type BmapRange = { readonly start: number; readonly end: number; readonly sha256: string }

export type Bmap = { readonly imageBytes: number; readonly ranges: readonly BmapRange[] }

/** SHA-256 in hex of a range of bytes, read a piece at a time. */
export function rangeSha256(bytes: Bytes, [start, end]: Range): string {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, end - start))
  for (let at = start; at < end; at += CHUNK)
    hash.update(bytes.read(at, Math.min(CHUNK, end - at), buffer))
  return hash.digest('hex')
}

/**
 * The text of a block map.
 *
 * @param ranges  in order, starting at whole blocks.
 */
export function writeBmap({ imageBytes, ranges }: Bmap): string {
  const blocks = Math.ceil(imageBytes / BMAP_BLOCK)
  let mapped = 0
  const lines: string[] = []
  for (const { start, end, sha256 } of ranges) {
    const first = start / BMAP_BLOCK
    const last = Math.ceil(end / BMAP_BLOCK) - 1
    mapped += last + 1 - first
    const span = first === last ? `${first}` : `${first}-${last}`
    lines.push(`        <Range chksum="${sha256}"> ${span} </Range>`)
  }
  const text = `<?xml version="1.0" ?>
<!-- Block map of a disk image, made by Blocktree, readable by bmaptool: the ranges of blocks that
     must be written to a disk, each with the SHA-256 of its bytes. -->
<bmap version="2.0">
    <ImageSize> ${imageBytes} </ImageSize>
    <BlockSize> ${BMAP_BLOCK} </BlockSize>
    <BlocksCount> ${blocks} </BlocksCount>
    <MappedBlocksCount> ${mapped} </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <!-- SHA-256 of this file, with 64 zeros in this place. -->
    <BmapFileChecksum> ${NO_CHECKSUM} </BmapFileChecksum>
    <BlockMap>
${lines.join('\n')}
    </BlockMap>
</bmap>
`
  return text.replace(NO_CHECKSUM, createHash('sha256').update(text).digest('hex'))
}

/**
 * Reads a block map of format 2.0 with SHA-256 and 4096-byte blocks, ours or bmaptool's.
 *
 * @throws {BmapError} `BMAP_CHECKSUM` when the file was changed; `BMAP_MALFORMED` when a field is
 *   missing, or ranges are out of order, outside the image or don't add up.
 */
export function parseBmap(text: string): Bmap {
  const bad = (message: string): never => {
    throw new BmapError('BMAP_MALFORMED', message)
  }
  const plain = text.replaceAll(/<!--[\s\S]*?-->/g, '')
  const field = (name: string) => {
    const found = plain.match(new RegExp(`<${name}>\\s*([0-9a-z]{1,64})\\s*</${name}>`, 'g'))
    if (found?.length !== 1) return bad(`${found?.length ?? 0} times <${name}>, once expected`)
    return found[0].replaceAll(/<[^>]*>|\s/g, '')
  }
  const whole = (name: string) => {
    const value = field(name)
    const n = /^[0-9]{1,15}$/.test(value) ? Number(value) : -1
    return Number.isSafeInteger(n) && n > 0
      ? n
      : bad(`<${name}> is ${value}, a number above 0 expected`)
  }
  const version = /<bmap version="([0-9.]{1,8})">/.exec(plain)?.[1]
  if (version !== '2.0') bad(`version is ${version}, 2.0 expected`)
  if (field('ChecksumType') !== 'sha256')
    bad(`checksums are ${field('ChecksumType')}, sha256 expected`)
  const checksum = field('BmapFileChecksum')
  const found = createHash('sha256').update(text.replace(checksum, NO_CHECKSUM)).digest('hex')
  if (found !== checksum)
    throw new BmapError('BMAP_CHECKSUM', `the file's SHA-256 is ${found}, ${checksum} expected`)
  if (whole('BlockSize') !== BMAP_BLOCK) bad(`blocks of ${field('BlockSize')} bytes, 4096 expected`)
  const imageBytes = whole('ImageSize')
  const blocks = whole('BlocksCount')
  if (blocks !== Math.ceil(imageBytes / BMAP_BLOCK))
    bad(`<BlocksCount> is ${blocks} for an image of ${imageBytes} bytes`)

  const ranges: BmapRange[] = []
  let next = 0
  let mapped = 0
  const body = /<BlockMap>\s*([\s\S]*)<\/BlockMap>/.exec(plain)?.[1] ?? bad('no <BlockMap>')
  const line = /<Range chksum="([0-9a-f]{64})">\s*([0-9]{1,12})(?:-([0-9]{1,12}))?\s*<\/Range>\s*/y
  while (line.lastIndex < body.length) {
    const at = line.lastIndex
    const match = line.exec(body)
    if (!match) return bad(`'${body.slice(at, at + 60).trim()}' is not a range`)
    const first = Number(match[2])
    const last = Number(match[3] ?? match[2])
    if (first < next || last < first || last >= blocks)
      bad(`range ${first}-${last} does not follow block ${next} or passes ${blocks}`)
    next = last + 1
    mapped += next - first
    ranges.push({
      start: first * BMAP_BLOCK,
      end: Math.min(next * BMAP_BLOCK, imageBytes),
      sha256: match[1]!,
    })
  }
  if (mapped !== whole('MappedBlocksCount'))
    bad(`${mapped} blocks in ranges, <MappedBlocksCount> says ${field('MappedBlocksCount')}`)
  return { imageBytes, ranges }
}
