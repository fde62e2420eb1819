/** The command line of `blocktree`. Wires the parts of the node together; nothing else does. */
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { ExitCode, Io } from './cli/command.ts'
import { healthVerb } from './cli/health.ts'
import { helpAll, helpOne } from './cli/help.ts'
import { LineError, parseLine } from './cli/parse.ts'
import { runVerb } from './cli/run.ts'
import { statusVerb } from './cli/status.ts'
import { createApp } from './http/app.ts'
import { readAsset } from './http/asset-source.ts'
import { loadAssets } from './http/assets.ts'
import { serve } from './http/server.ts'
import { collectStatus } from './status/collect.ts'
import { remember } from './status/remember.ts'
import { failedUnits } from './systemd/failed.ts'
import { Notifier } from './systemd/notify.ts'
import { passedSockets } from './systemd/sockets.ts'
import { VERSION } from './version.ts'

/** A status older than this is gathered anew; however many ask, it costs one reading a second. */
const STATUS_MS = 1_000

const machine = { root: '/', addresses: networkInterfaces, now: () => new Date() }
const collect = () => collectStatus(machine, VERSION)

const commands = [
  statusVerb(collect),
  runVerb(() => ({
    passed: () => passedSockets(process.env, process.pid),
    async serve(places) {
      // Else tools show the kernel's name for Node's thread, MainThread.
      process.title = 'blocktree'
      const status = remember(collect, STATUS_MS, () => performance.now())
      return serve(createApp({ assets: await loadAssets(readAsset), status }), places)
    },
    notifier: new Notifier(process.env, process.pid),
    untilTold: () =>
      new Promise(resolve => {
        process.once('SIGTERM', resolve)
        process.once('SIGINT', resolve)
      }),
  })),
  healthVerb({
    failedUnits: async () => (existsSync('/run/systemd/system') ? failedUnits() : []),
  }),
]

async function main(args: readonly string[], io: Io): Promise<ExitCode> {
  const line = parseLine(args, commands)
  if (line.kind === 'run') return line.command.run(line.values, io)
  if (line.kind === 'version') io.out(`blocktree ${VERSION}`)
  else (line.command ? helpOne(line.command) : helpAll(commands)).forEach(io.out)
  return 0
}

// Whoever reads may stop reading, as `head` does.
process.stdout.on('error', () => process.exit())

main(process.argv.slice(2), {
  out: line => void process.stdout.write(`${line}\n`),
  err: line => void process.stderr.write(`${line}\n`),
}).then(
  code => (process.exitCode = code),
  (error: Error) => {
    process.stderr.write(`blocktree: ${error.message}\n`)
    process.exitCode = error instanceof LineError ? 2 : 1
  },
)
