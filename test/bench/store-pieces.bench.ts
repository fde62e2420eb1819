/** What the store adds to the work on a 64 KiB sector: it may be a quarter of all. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import type { Bench } from '../../image/cli/bench-figure.ts'
import { cpuEach, withStore } from './store.ts'

const PIECES = 2048
const TOGETHER = 16
const ROUNDS = 4
/** Sectors of 64 KiB and 4 KiB as they are kept. */
const SECTORS = { '64 KiB': 65569, '4 KiB': 4129 }

function sealAndHash(bytes: Uint8Array, key: Uint8Array): void {
  const cipher = createCipheriv('aes-256-gcm', key, randomBytes(12))
  createHash('sha256').update(cipher.update(bytes)).digest()
  cipher.final()
}

export const bench: Bench = {
  about: 'pieces through the store',
  async run({ figure, signal }) {
    for (const [name, length] of Object.entries(SECTORS)) {
      const [bytes, key] = [randomBytes(length), randomBytes(32)]
      let [crypto, write, read] = [Infinity, Infinity, Infinity]
      await withStore(async store => {
        for (let round = 0; round < ROUNDS; round++) {
          signal.throwIfAborted()
          const hashes = Array.from({ length: PIECES }, () => randomBytes(32))
          const groups = Array.from({ length: PIECES / TOGETHER }, (_, i) =>
            hashes.slice(i * TOGETHER, (i + 1) * TOGETHER),
          )
          const cryptoOnce = await cpuEach(PIECES, () => {
            for (let i = 0; i < PIECES; i++) sealAndHash(bytes, key)
          })
          const writeOnce = await cpuEach(PIECES, async () => {
            const stage = store.stage()
            for (const group of groups) await stage.add(group.map(hash => ({ hash, bytes })))
            await stage.flush()
            stage.close()
          })
          const readOnce = await cpuEach(PIECES, async () => {
            for (const group of groups) await store.pieces(group)
          })
          crypto = Math.min(crypto, cryptoOnce)
          write = Math.min(write, writeOnce)
          read = Math.min(read, readOnce)
        }
      })
      figure({ name: `${name}: one written`, value: write, unit: 'CPU-µs' })
      figure({ name: `${name}: one read, ${TOGETHER} at once`, value: read, unit: 'CPU-µs' })
      figure({
        name: `${name}: written and read`,
        value: write + read,
        unit: 'CPU-µs',
        peer: { name: 'AES-256-GCM + SHA-256, twice', value: 2 * crypto, ratio: 0.5 },
      })
    }
  },
}
