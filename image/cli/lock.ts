/** `bt lock`: the Debian packages that recipes are pinned to, against what the archive has now. */
import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { openApt, type DebArch } from '../debian/apt.ts'
import { changeCount, changeLines, lockChanges } from '../debian/changes.ts'
import { formatLock, parseLock } from '../debian/lock.ts'
import { relock } from '../debian/relock.ts'
import { repositoryInputs } from '../debian/repository.ts'
import { writeAtomic } from '../engine/atomic.ts'
import { hostArch, lockFile } from '../engine/locks.ts'
import { REPO } from '../paths.ts'
import type { Command } from './command.ts'

export const lock: Command = {
  name: 'lock',
  about: 'Show what moved in Debian since recipes were locked, and lock it anew.',
  options: [
    { name: 'update', type: 'boolean', about: "take the archive's current versions" },
    {
      name: 'arch',
      type: 'string',
      value: 'ARCH',
      about: 'architecture of the lock (default: of this machine)',
      choices: ['amd64', 'arm64'],
    },
  ],
  examples: [
    ['bt lock', 'one line for each package that an update would move'],
    ['bt lock --update', 'the same, and recipes/debian.ARCH.lock.json is written'],
    ['bt lock --update --arch arm64', 'the lock of the other architecture'],
  ],

  async run({ values, json, io }) {
    const arch = (values['arch'] as DebArch | undefined) ?? hostArch()
    const file = lockFile(arch)
    const name = relative(REPO, file)
    const before = existsSync(file) ? parseLock(readFileSync(file, 'utf8'), name) : undefined
    const inputs = await repositoryInputs(arch)
    const apt = await openApt({ arch })
    await apt.update(io.signal)
    const after = await relock(apt, inputs, { signal: io.signal })
    const changes = lockChanges(before, after)
    const differs = before === undefined || formatLock(before) !== formatLock(after)
    const write = values['update'] === true && differs
    if (write) writeAtomic(file, formatLock(after))

    const count = changeCount(changes)
    if (json) {
      io.out(
        JSON.stringify({ file: name, packages: after.packages.size, ...changes, written: write }),
      )
      return 0
    }
    for (const line of changeLines(changes)) io.out(line)
    const what = `${count} of ${after.packages.size} packages`
    if (!differs) io.err(`${name}: all ${after.packages.size} packages are as the archive has them`)
    else if (write) io.err(`${name}: ${what} changed`)
    else io.err(`${name}: ${what} would change, bt lock --update takes them`)
    return 0
  },
}
