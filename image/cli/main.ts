/** The command line of `bt`: finds the verb, reads its options, runs it, explains what went wrong. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPO } from '../paths.ts'
import { colourful, colours } from './colour.ts'
import { explain, isAbort } from './explain.ts'
import { exitCodeOf, processIo } from './io.ts'
import { parse } from './parse.ts'
import { record } from './records.ts'
import { verbHelp } from './usage.ts'

const io = processIo()

async function bt([verb, ...rest]: readonly string[]): Promise<number> {
  if (verb === '--version' || verb === '-V') {
    const { version } = JSON.parse(readFileSync(join(REPO, 'package.json'), 'utf8'))
    io.out(`bt ${version} (Node ${process.versions.node})`)
    return 0
  }
  const asked = verb === '--help' || verb === '-h' ? 'help' : (verb ?? 'help')
  const command = await record(asked)
  const { help, ...call } = parse(command, rest)
  if (help) {
    if (call.json) io.out(JSON.stringify(command))
    else io.out(verbHelp(command, colours(colourful(process.stdout.isTTY === true))))
    return 0
  }
  const code = await command.run({ ...call, io })
  return verb === undefined ? 2 : code
}

/** The exit code of a whole command line, errors explained. */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await bt(args)
  } catch (error) {
    const signal = io.interrupted()
    if (signal !== undefined && isAbort(error)) {
      io.err('bt: stopped')
      return exitCodeOf(signal)
    }
    const { code, lines, exit } = explain(error, process.env['BT_DEBUG'] === '1')
    if (args.includes('--json')) io.out(JSON.stringify({ error: { code, message: lines[0] } }))
    const c = colours(colourful(io.tty))
    lines.forEach((line, i) => io.err(i === 0 ? `${c.bad('bt:')} ${line}` : line))
    return exit
  }
}

void main(process.argv.slice(2)).then(code => process.exit(code))
