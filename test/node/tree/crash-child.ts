/**
 * Opens the tree of a folder, or makes it, and changes it until it is killed, several things at a time.
 * Says the number of a lane on stdout when a step of it is done.
 */
import { writeSync } from 'node:fs'
import { LANES, stepOf, take } from './crash-steps.ts'
import { plant } from './planted.ts'

const [folder = '', round = ''] = process.argv.slice(2)
const { tree, store } = await plant({ folder })

async function lane(number: number): Promise<never> {
  for (let n = 0; ; n++) {
    await take(stepOf(Number(round), number, n), tree)
    writeSync(1, `${number}\n`)
  }
}

async function collect(): Promise<never> {
  for (;;) {
    await store.collect()
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

await Promise.all([...Array.from({ length: LANES }, (_, i) => lane(i)), collect()])
