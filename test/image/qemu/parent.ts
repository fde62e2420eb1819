/** A process that runs a machine, for tests that kill it. Arguments: tool set's root, bin, folder. */
import { join } from 'node:path'
import { board } from '../../../board/qemu-x86_64.ts'
import { startVm } from '../../../image/qemu/vm.ts'

const [root = '', bin = '', folder = ''] = process.argv.slice(2)
const vm = await startVm({
  ...{ tools: { root, bin }, board, accel: 'tcg', secureBoot: false },
  ...{ vars: join(folder, 'vars.fd'), tpmState: join(folder, 'tpm'), log: join(folder, 'log') },
})
vm.serial.resume()
vm.console.resume()
process.stdout.write(`${vm.pid}\n`)
