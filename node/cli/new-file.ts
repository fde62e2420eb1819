/** A file of this machine that appears when all of it is there, and not at all when something fails. */
import { randomBytes } from 'node:crypto'
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { placeNew } from '../crypto/write-new.ts'
import { withFile } from './own-file.ts'
import { LineError } from './parse.ts'

export class NewFile {
  readonly #file: string
  readonly #force: boolean
  readonly #part: string
  readonly #handle: FileHandle

  private constructor(file: string, force: boolean, part: string, handle: FileHandle) {
    this.#file = file
    this.#force = force
    this.#part = part
    this.#handle = handle
  }

  /**
   * @param force  replaces a file that is there; never a device or a pipe.
   * @throws {LineError} `LINE_VALUE` when there is something; {FileError}, as the methods.
   */
  static async begin(file: string, force: boolean): Promise<NewFile> {
    const there = await stat(file).catch(() => undefined)
    if (there && !there.isFile())
      throw new LineError(
        'LINE_VALUE',
        `${file} is ${there.isDirectory() ? 'a folder' : 'no ordinary file'}: ` +
          'name a file, or - and redirect standard output',
      )
    if (there && !force) throw exists(file)
    // A name of its own: one with something behind it could be too long.
    const part = join(dirname(file), `.blocktree-${randomBytes(8).toString('hex')}.part`)
    return withFile(file, 'write', async () => {
      const handle = await open(part, 'wx', there ? there.mode & 0o777 : 0o666)
      return new NewFile(file, force, part, handle)
    })
  }

  write(bytes: Uint8Array): Promise<void> {
    return withFile(this.#file, 'write', () => this.#handle.writeFile(bytes))
  }

  /** It is there, and on the disk. */
  end(): Promise<void> {
    return withFile(this.#file, 'write', async () => {
      await this.#handle.sync()
      if (this.#force) await rename(this.#part, this.#file)
      else if (!placeNew(this.#part, this.#file)) throw exists(this.#file)
    })
  }

  /** Removes what is left of it when it was not ended. */
  async close(): Promise<void> {
    await this.#handle.close()
    await rm(this.#part, { force: true })
  }
}

function exists(file: string): LineError {
  return new LineError('LINE_VALUE', `${file} is there already: --force replaces it`)
}
