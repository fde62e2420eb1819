/**
 * An image as something to write to a disk: which ranges of it matter, and their bytes in order.
 * Raw images are read where needed; those packed with zstd as a stream from the start. Which ranges
 * matter says the block map beside the image, else the image itself (raw), else everything does.
 */
import { closeSync, createReadStream, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { Readable } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import { parseBmap } from './bmap.ts'
import { withFile } from './bytes.ts'
import { FlashError } from './flash-error.ts'
import { parseGpt, parseHead } from './gpt-parse.ts'
import { GptError, SECTOR, type Gpt } from './gpt.ts'
import { MIB } from './layout.ts'
import { imageRanges } from './map.ts'

/** `[start, end)` in bytes; the hash, when known, is that of the range in the image. */
export type SourceRange = { readonly start: number; readonly end: number; readonly sha256?: string }

export type Source = {
  readonly path: string
  /** Size of the image when unpacked. */
  readonly bytes: number
  readonly gpt: Gpt
  /** First MiB, with the partition table. */
  readonly head: Buffer
  readonly ranges: readonly SourceRange[]
  /** Where the ranges come from. */
  readonly map: 'bmap' | 'image' | 'none'
  /** The bytes of all ranges, in order; no piece crosses the border of a range. */
  pieces(): AsyncGenerator<{ readonly offset: number; readonly data: Buffer }>
}

const CHUNK = MIB
const ZSTD_MAGIC = '28b52ffd'
const OTHER_MAGICS = { '1f8b': 'gzip', fd37: 'xz', '425a': 'bzip2', '504b': 'zip' }
/** Without these it is a disk of something else. */
const LABELS = ['esp', 'root-a', 'verity-a']

/**
 * Opens an image.
 *
 * @throws {FlashError} `FLASH_NOT_IMAGE` when it is none of ours, or the block map is not its own;
 *   `FLASH_IMAGE_DAMAGED` when it is cut off.
 * @throws {BmapError} when the block map is damaged.
 */
export async function openSource(path: string): Promise<Source> {
  if (!existsSync(path)) throw new FlashError('FLASH_NOT_IMAGE', `there is no image ${path}`)
  const magic = firstBytes(path, 4).toString('hex')
  const packed = magic === ZSTD_MAGIC
  const other = OTHER_MAGICS[magic.slice(0, 4) as keyof typeof OTHER_MAGICS]
  if (other !== undefined)
    throw new FlashError('FLASH_NOT_IMAGE', `${path} is packed with ${other}; unpack it first`)
  const head = packed ? await firstMib(path) : firstBytes(path, MIB)
  const gpt = readGpt(path, head, packed)
  const bytes = gpt.sectors * SECTOR
  const { map, ranges } = findRanges(path, bytes, gpt, packed)
  const pieces = () => (packed ? zstdPieces(path, ranges) : rawPieces(path, ranges))
  return { path, bytes, gpt, head, map, ranges, pieces }
}

function readGpt(path: string, head: Buffer, packed: boolean): Gpt {
  let gpt: Gpt
  try {
    gpt = packed ? parseHead(head) : withFile(path, parseGpt)
  } catch (error) {
    if (!(error instanceof GptError)) throw error
    throw new FlashError(
      'FLASH_NOT_IMAGE',
      `${path} is no Blocktree image: ${error.message}`,
      error,
    )
  }
  const missing = LABELS.filter(label => !gpt.partitions.some(p => p.label === label))
  if (missing.length > 0)
    throw new FlashError(
      'FLASH_NOT_IMAGE',
      `${path} is no Blocktree image: it has no partition ${missing.join(', ')}, ` +
        `only ${gpt.partitions.map(p => p.label).join(', ') || 'none'}`,
    )
  return gpt
}

function findRanges(
  path: string,
  bytes: number,
  gpt: Gpt,
  packed: boolean,
): { map: Source['map']; ranges: SourceRange[] } {
  const file = [`${path}.bmap`, `${path.replace(/\.zst$/, '')}.bmap`].find(name => existsSync(name))
  if (file !== undefined) {
    const bmap = parseBmap(readFileSync(file, 'utf8'))
    if (bmap.imageBytes !== bytes)
      throw new FlashError(
        'FLASH_NOT_IMAGE',
        `${file} is for an image of ${bmap.imageBytes} bytes, ${path} has ${bytes}; ` +
          'remove it or fetch the one that belongs to the image',
      )
    return { map: 'bmap', ranges: [...bmap.ranges] }
  }
  if (packed) return { map: 'none', ranges: [{ start: 0, end: bytes }] }
  const ranges = withFile(path, image => imageRanges(image, gpt))
  return { map: 'image', ranges: ranges.map(([start, end]) => ({ start, end })) }
}

async function* rawPieces(path: string, ranges: readonly SourceRange[]) {
  const fd = openSync(path, 'r')
  try {
    for (const { start, end } of ranges)
      for (let offset = start; offset < end; offset += CHUNK) {
        const data = Buffer.allocUnsafe(Math.min(CHUNK, end - offset))
        const n = readSync(fd, data, 0, data.length, offset)
        if (n < data.length) throw cutOff(path, offset + n, end)
        yield { offset, data }
      }
  } finally {
    closeSync(fd)
  }
}

async function* zstdPieces(path: string, ranges: readonly SourceRange[]) {
  let at = 0
  let next = 0
  for await (const chunk of unpacked(path)) {
    const end = at + chunk.length
    while (next < ranges.length && ranges[next]!.start < end) {
      const range = ranges[next]!
      const from = Math.max(at, range.start)
      const to = Math.min(end, range.end)
      if (to > from) yield { offset: from, data: chunk.subarray(from - at, to - at) }
      if (range.end > end) break
      next++
    }
    at = end
  }
  if (next < ranges.length) throw cutOff(path, at, ranges.at(-1)!.end)
}

async function* unpacked(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK })
  const stream = createZstdDecompress({ chunkSize: CHUNK })
  file.on('error', error => stream.destroy(error))
  try {
    yield* Readable.from(file.pipe(stream), { objectMode: true }) as AsyncIterable<Buffer>
  } catch (error) {
    const { message } = error as Error
    throw new FlashError('FLASH_IMAGE_DAMAGED', `${path} can't be unpacked: ${message}`, error)
  } finally {
    file.destroy()
    stream.destroy()
  }
}

async function firstMib(path: string): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const chunk of unpacked(path)) {
    parts.push(chunk)
    if ((bytes += chunk.length) >= MIB) break
  }
  return Buffer.concat(parts).subarray(0, MIB)
}

function firstBytes(path: string, bytes: number): Buffer {
  return withFile(path, file => file.read(0, Math.min(bytes, file.size)))
}

function cutOff(path: string, found: number, expected: number): FlashError {
  return new FlashError(
    'FLASH_IMAGE_DAMAGED',
    `${path} ends at byte ${found}, at least ${expected} expected; fetch it again`,
  )
}
