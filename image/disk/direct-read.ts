/**
 * Reads a disk past the page cache, so that what comes back is what the disk holds, not what was
 * written a moment ago. Linux wants memory at certain addresses for that (open(2), O_DIRECT), and
 * Node does not tell addresses: the place in the buffer is found by trying.
 */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

/** Linux asks for at most a page. */
const ALIGNMENT = 4096
/** What allocators align to at least. */
const STEP = 16

export type DirectReader = {
  /** False when the file system does not support it and bytes may come from memory. */
  readonly direct: boolean
  /**
   * Bytes from an offset; the next call overwrites them. Fewer than asked for at the end.
   *
   * @param offset  multiple of 4096.
   * @param length  at most the `most` given when opened.
   */
  read(offset: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

/** @param most  bytes that one read may ask for, a multiple of 4096. */
export async function openDirect(path: string, most: number): Promise<DirectReader> {
  const buffer = Buffer.from(new ArrayBuffer(most + ALIGNMENT))
  const file = await open(path, constants.O_RDONLY | constants.O_DIRECT).catch(unlessUnsupported)
  const start = file && (await aligned(file, buffer))
  if (file !== undefined && start !== undefined) return reader(file, buffer.subarray(start), true)
  await file?.close()
  return reader(await open(path, 'r'), buffer, false)
}

function reader(file: FileHandle, buffer: Buffer, direct: boolean): DirectReader {
  return {
    direct,
    async read(offset, length) {
      const whole = Math.ceil(length / ALIGNMENT) * ALIGNMENT
      let done = 0
      while (done < length) {
        const { bytesRead } = await file.read(buffer, done, whole - done, offset + done)
        if (bytesRead === 0) break
        done += bytesRead
      }
      return buffer.subarray(0, Math.min(done, length))
    },
    close: () => file.close(),
  }
}

async function aligned(file: FileHandle, buffer: Buffer): Promise<number | undefined> {
  for (let start = 0; start < ALIGNMENT; start += STEP)
    try {
      await file.read(buffer, start, ALIGNMENT, 0)
      return start
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
    }
  return undefined
}

function unlessUnsupported(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'EINVAL') throw error
}
