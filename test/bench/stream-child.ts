/** Streams a file in and out, and says how much memory was resident at most, in MB. */
import { randomBytes } from 'node:crypto'
import { plant } from '../node/tree/planted.ts'

const MIB = 2 ** 20
const [folder = '', gib = '1'] = process.argv.slice(2)
const { tree, end } = await plant({ folder })
const size = Number(gib) * 1024 * MIB
const resident = () => process.memoryUsage.rss() / 1e6
let most = 0
const look = (at: number) => {
  if (at % (16 * MIB) === 0) most = Math.max(most, resident())
}

// An idle node has been used before.
for (let i = 0; i < 50; i++) await tree.writeFile(`/ROOT/${i}`, randomBytes(5000))
const idle = resident()

const chunk = randomBytes(MIB)
const stream = await tree.writeStream('/ROOT/large')
for (let at = 0; at < size; at += MIB) {
  await stream.write(chunk)
  look(at)
}
await stream.close()
const write = most
most = 0
let read = 0
for await (const part of tree.readStream('/ROOT/large', { reuse: true }))
  look((read += part.length))
if (read !== size) throw new Error(`read ${read} of ${size} bytes`)
process.stdout.write(JSON.stringify({ idle, write, read: most }))
await end()
