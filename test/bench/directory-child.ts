/** Opens a tree and looks one name up, and says how many milliseconds that took. */
import { plant } from '../node/tree/planted.ts'

const [folder = '', path = ''] = process.argv.slice(2)
const { tree, end } = await plant({ folder })
const begun = performance.now()
await tree.stat(path)
process.stdout.write(`${performance.now() - begun}`)
await end()
