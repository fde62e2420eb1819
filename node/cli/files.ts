/** Small files that verbs are given: texts and passphrases. */
import { open } from 'node:fs/promises'
import { withFile } from './own-file.ts'
import { LineError } from './parse.ts'
import type { Io } from './command.ts'

/** A text of at most `max` bytes. @throws {LineError} `LINE_VALUE` when it is longer; {FileError}. */
export function readText(file: string, max: number): Promise<string> {
  return withFile(file, 'read', () => textOf(file, max))
}

async function textOf(file: string, max: number): Promise<string> {
  const handle = await open(file, 'r')
  try {
    const bytes = Buffer.alloc(max + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null)
      length += bytesRead
      if (bytesRead === 0 || length === bytes.length) break
    }
    if (length <= max) return bytes.toString('utf8', 0, length)
    throw new LineError('LINE_VALUE', `${file} has more than ${max} bytes`)
  } finally {
    await handle.close()
  }
}

/**
 * A passphrase: the first line of `file`, or what a person types. Never from the command line or the
 * environment, where others could see it.
 *
 * @param twice  asks again, so that no slip of a finger protects a key.
 * @throws {LineError} `LINE_VALUE`; {@link AskError}.
 */
export async function passphrase(
  io: Io,
  file: string | true | undefined,
  question: string,
  twice = false,
): Promise<string> {
  if (typeof file === 'string') {
    const [line = ''] = (await readText(file, 4096)).split(/\r?\n/, 1)
    if (line !== '') return line
    throw new LineError('LINE_VALUE', `the first line of ${file} is empty, a passphrase expected`)
  }
  const typed = await io.secret(`${question}: `)
  if (twice && typed !== (await io.secret('The same again: ')))
    throw new LineError('LINE_VALUE', 'the two are not the same: nothing was done')
  return typed
}
