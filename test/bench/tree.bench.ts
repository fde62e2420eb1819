/** A large file through tree and store, beside the machine's own AES-256-GCM and SHA-256. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  randomBytes,
} from 'node:crypto'
import type { Bench } from '../../image/cli/bench-figure.ts'
import type { Tree } from '../../node/tree/tree.ts'
import { withTree } from './planted.ts'
import { cpuEach } from './store.ts'

const MIB = 2 ** 20
const SIZE = 1024
const SECTOR = 65536
const SECTORS = (SIZE * MIB) / SECTOR
const PATH = '/ROOT/large'

/** Seals and hashes as many bytes as the file has, and the reverse: in one thread, nothing is kept. */
function raw(): void {
  const key = createSecretKey(randomBytes(32))
  const [nonce, plain] = [randomBytes(12), randomBytes(SECTOR)]
  for (let i = 0; i < SECTORS; i++) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    const sealed = cipher.update(plain)
    cipher.final()
    createHash('sha256').update(sealed).digest()
    const tag = cipher.getAuthTag()
    createHash('sha256').update(sealed).digest()
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(tag)
    decipher.update(sealed)
    decipher.final()
  }
}

async function write(tree: Tree): Promise<void> {
  const chunk = randomBytes(MIB)
  const stream = await tree.writeStream(PATH)
  for (let i = 0; i < SIZE; i++) await stream.write(chunk)
  await stream.close()
}

async function read(tree: Tree): Promise<void> {
  const file = await tree.openFile(PATH)
  const into = new Uint8Array(MIB)
  for (let at = 0; at < file.size; at += into.length) await file.readInto(at, into)
  await file.close()
}

async function stream(tree: Tree): Promise<void> {
  let bytes = 0
  for await (const part of tree.readStream(PATH, { reuse: true })) bytes += part.length
  if (bytes !== SIZE * MIB) throw new Error(`read ${bytes} bytes`)
}

export const bench: Bench = {
  about: '1 GiB written and read through tree and store',
  async run({ figure, say }) {
    await withTree(async ({ tree }) => {
      const least = { raw: Infinity, write: Infinity, read: Infinity, stream: Infinity }
      for (let round = 1; round <= 2; round++) {
        say(`round ${round} of 2`)
        for (const [name, work] of Object.entries({ raw, write, read, stream }) as [
          keyof typeof least,
          (tree: Tree) => Promise<void>,
        ][]) {
          const ms = (await cpuEach(1, () => work(tree))) / 1000
          least[name] = Math.min(least[name], ms)
        }
      }
      const unit = 'CPU-ms'
      figure({ name: 'written by a stream', value: least.write, unit })
      figure({ name: 'read into memory of the reader', value: least.read, unit })
      figure({ name: 'read by a stream', value: least.stream, unit })
      figure({
        name: 'written and read',
        value: least.write + least.read,
        unit,
        peer: { name: 'AES-256-GCM + SHA-256', value: least.raw, ratio: 2 },
      })
    })
  },
}
