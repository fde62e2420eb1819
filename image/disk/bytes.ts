/** Reading and writing at offsets of files and devices, with short reads and writes taken care of. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'

/** Something of a known size that is read at an offset. */
export type Bytes = {
  /** Size in bytes. */
  readonly size: number
  /**
   * Exactly `length` bytes from `offset`. They may lie in `into`, which is then overwritten: who reads
   * a lot in pieces gives the same one again and again, as new memory costs more than reading does.
   *
   * @throws {RangeError} when they are not all there.
   */
  read(offset: number, length: number, into?: Buffer): Buffer
}

/** Bytes in memory. */
export function memory(buffer: Buffer): Bytes {
  return {
    size: buffer.length,
    read(offset, length) {
      if (offset < 0 || offset + length > buffer.length)
        throw new RangeError(`bytes ${offset} to ${offset + length} of ${buffer.length} asked for`)
      return buffer.subarray(offset, offset + length)
    },
  }
}

/**
 * Bytes of an open file.
 *
 * @param size  in bytes; must be given for a block device, whose stat says 0.
 */
export function opened(fd: number, size = fstatSync(fd).size): Bytes {
  return {
    size,
    read(offset, length, into) {
      if (offset < 0 || offset + length > size)
        throw new RangeError(`bytes ${offset} to ${offset + length} of ${size} asked for`)
      const buffer = into?.subarray(0, length) ?? Buffer.allocUnsafe(length)
      if (buffer.length < length)
        throw new RangeError(`${length} bytes do not fit into ${buffer.length}`)
      for (let done = 0; done < length;) {
        const n = readSync(fd, buffer, done, length - done, offset + done)
        if (n === 0) throw new RangeError(`the file ended at ${offset + done}, ${size} expected`)
        done += n
      }
      return buffer
    },
  }
}

/** Opens a file for reading, hands its bytes to `use`, and closes it whatever happens. */
export function withFile<T>(path: string, use: (bytes: Bytes) => T): T {
  const fd = openSync(path, 'r')
  try {
    return use(opened(fd))
  } finally {
    closeSync(fd)
  }
}

/** Writes all of `data` at `offset`. */
export function writeAt(fd: number, data: Uint8Array, offset: number): void {
  for (let done = 0; done < data.length;)
    done += writeSync(fd, data, done, data.length - done, offset + done)
}
