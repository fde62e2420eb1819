/** The command line of `blocktree`. Wires the parts of the node together; nothing else does. */
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { Command } from './cli/command.ts'
import { completionVerb } from './cli/completion.ts'
import { explain, isAbort } from './cli/explain.ts'
import { healthVerb } from './cli/health.ts'
import { helpOne, helpVerb } from './cli/help.ts'
import { processIo } from './cli/io.ts'
import { parseLine } from './cli/parse.ts'
import { runVerb } from './cli/run.ts'
import { statusVerb } from './cli/status.ts'
import { NODE_VERBS } from './cli/verbs.ts'
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

const commands: readonly Command[] = [
  ...NODE_VERBS,
  runVerb(() => ({
    passed: () => passedSockets(process.env, process.pid),
    async serve(places) {
      // Else tools show the kernel's name for Node's thread, MainThread.
      process.title = 'blocktree'
      const { createApp } = await import('./http/app.ts')
      const { readAsset } = await import('./http/asset-source.ts')
      const { loadAssets } = await import('./http/assets.ts')
      const { serve } = await import('./http/server.ts')
      const status = remember(collect, STATUS_MS, () => performance.now())
      return serve(createApp({ assets: await loadAssets(readAsset), status }), places)
    },
    notifier: new Notifier(process.env, process.pid),
  })),
  statusVerb(collect),
  healthVerb({
    failedUnits: async () => (existsSync('/run/systemd/system') ? failedUnits() : []),
  }),
  completionVerb(() => commands),
  helpVerb(() => commands),
]

const io = processIo()

/** The exit code of a whole command line, errors explained. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const line = parseLine(args, commands)
    if (line.kind === 'version') {
      io.out(`blocktree ${VERSION}`)
      return 0
    }
    const { kind, command, ...call } = line
    if (kind === 'run') return await command.run({ ...call, io })
    if (call.json) io.out(JSON.stringify(command))
    else helpOne(command).forEach(io.out)
    return 0
  } catch (error) {
    const stopped = io.interrupted()
    if (stopped !== undefined && isAbort(error)) {
      io.err('blocktree: stopped')
      return stopped
    }
    const { code, says, exit } = explain(error, process.env['BLOCKTREE_DEBUG'] === '1')
    if (args.includes('--json')) io.out(JSON.stringify({ error: { code, message: says[0] } }))
    says.forEach((line, i) => io.err(i === 0 ? `blocktree: ${line}` : line))
    return exit
  }
}

main(process.argv.slice(2)).then(code => {
  process.exitCode = code
  return io.end()
})
