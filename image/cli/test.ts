/** `bt test`: every test of the repository in one order, the fast ones first. */
import { formatCheck, typeCheck, type Check } from './test-checks.ts'
import { matching, stages, type Stage } from './test-stages.ts'
import { runFiles, type Tally } from './test-run.ts'
import type { Command, Io } from './command.ts'
import { duration } from './progress.ts'

export const test: Command = {
  name: 'test',
  about: 'Run the tests: format, types, rules, units, integration, then boots in QEMU.',
  positionals: [
    {
      name: 'PATTERN',
      about: 'only files whose path has this text in it; format and types too when it names them',
      optional: true,
      many: true,
      completes: 'file',
    },
  ],
  options: [
    {
      name: 'slow',
      type: 'boolean',
      about: 'only the tests in test/slow: compiled kernels and such',
    },
    { name: 'list', type: 'boolean', about: 'name what would run, and run nothing' },
  ],
  examples: [
    ['bt test', 'everything but the slow ones, as npm test does'],
    ['bt test test/rules', 'import directions, file sizes and the other rules'],
    ['bt test --list disk', 'the test files with “disk” in their path'],
  ],

  async run({ positionals, values, json, io }) {
    const slow = values['slow'] === true
    const chosen = matching(stages(), slow, positionals)
    const checks = [formatCheck, typeCheck].filter(check =>
      positionals.length === 0 ? !slow : positionals.includes(check.name),
    )
    const files = chosen.flatMap(stage => stage.files)
    if (files.length + checks.length === 0) {
      io.err(
        `bt: no test file fits ${positionals.join(' ') || 'test/slow'}; bt test --list names them`,
      )
      return 1
    }
    if (values['list'] === true) {
      const names = [...checks.map(check => check.name), ...files]
      if (json) io.out(JSON.stringify(names))
      else names.forEach(name => io.out(name))
      return 0
    }
    const total = await runAll(checks, chosen, io)
    if (json) io.out(JSON.stringify(total))
    else io.out(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
    return total.failed === 0 && total.passed > 0 ? 0 : 1
  },
}

async function runAll(
  checks: readonly Check[],
  chosen: readonly Stage[],
  io: Io,
): Promise<Tally & { names: string[] }> {
  const begun = performance.now()
  const total = { passed: 0, failed: 0, skipped: 0, names: [] as string[] }
  for (const check of checks) {
    const started = performance.now()
    const wrong = await check.run(io.signal)
    total[wrong === undefined ? 'passed' : 'failed']++
    if (wrong !== undefined) total.names.push(check.name)
    io.err(
      `${wrong === undefined ? 'ok' : 'FAILED'}  ${check.name}  ${duration(performance.now() - started)}`,
    )
    if (wrong !== undefined) io.err(wrong)
  }
  for (const stage of chosen) {
    io.err(`-- ${stage.name}: ${stage.files.length} files`)
    const tally = await runFiles(stage, io)
    total.passed += tally.passed
    total.failed += tally.failed
    total.skipped += tally.skipped
    total.names.push(...tally.names)
    io.signal.throwIfAborted()
  }
  io.err(`-- took ${duration(performance.now() - begun)}`)
  for (const name of total.names) io.err(`FAILED  ${name}`)
  return total
}
