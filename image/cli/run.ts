/** `bt run`: builds the image of a board and boots it in QEMU until Ctrl-C. */
import { basename, dirname, join } from 'node:path'
import { buildImage, type Built } from '../build.ts'
import { toolBin } from '../engine/gather.ts'
import { Cache } from '../engine/cache.ts'
import { CACHE } from '../paths.ts'
import { openDisk, openState } from '../qemu/state.ts'
import type { Toolset } from '../toolset.ts'
import { boardArgument, BUILD_OPTIONS, variantOf } from './build-options.ts'
import type { Command, Values } from './command.ts'
import { UsageError } from './parse.ts'
import { progress as showProgress } from './progress.ts'
import { runMachine } from './run-machine.ts'

export const run: Command = {
  name: 'run',
  about: 'Build the image of a board, boot it in QEMU and print the address of its page.',
  positionals: [boardArgument],
  options: [
    { name: 'kvm', type: 'boolean', about: 'insist on KVM (default: where guests run with it)' },
    { name: 'tcg', type: 'boolean', about: 'emulate the processor' },
    { name: 'console', type: 'boolean', about: "make this terminal the machine's console" },
    { name: 'disk', type: 'string', value: 'FILE', about: 'boot this disk, and write to it' },
    { name: 'fresh', type: 'boolean', about: 'forget disk, TPM and firmware settings first' },
    {
      name: 'secure-boot',
      type: 'boolean',
      about: 'firmware with Secure Boot; no keys are enrolled yet',
    },
    { name: 'port', type: 'integer', value: 'N', about: 'port of the page (default: 8080 or any)' },
    ...BUILD_OPTIONS,
  ],
  examples: [
    ['bt run', 'build and boot; prints the address of the page'],
    ['bt run --console --fresh', 'a new machine, with its console in this terminal'],
    ['bt run --disk old.img --port 8000', 'boot another disk, page on port 8000'],
  ],

  async run({ positionals, values, json, io }) {
    check(values)
    const board = positionals[0] ?? 'qemu-x86_64'
    const progress = showProgress()
    const goals = ['image', 'tools-qemu']
    const variant = variantOf(values)
    const built = await buildImage({ board, ...variant, goals, progress, signal: io.signal })
    progress.end('')
    const tools = await qemuTools(built)
    // Beside the results, one per variant: its disk, its TPM, its log.
    const name = basename(built.folder).replace(`-${built.version}`, '')
    const folder = join(dirname(built.folder), 'run', name)
    const fresh = values['fresh'] === true
    const disk = values['disk'] as string | undefined
    const state =
      disk === undefined
        ? await openState({
            ...{ tools, folder, fresh, image: built.image },
            diskMiB: built.board.qemu.diskMiB,
          })
        : openDisk(folder, disk, fresh)
    try {
      return await runMachine({ tools, built, state, values, json, io, cache: CACHE })
    } finally {
      state.release()
    }
  },
}

/** The programs that a machine needs, as the build made them. */
async function qemuTools(built: Built): Promise<Toolset> {
  const cache = new Cache(CACHE)
  const { tree } = built.tasks.find(({ name }) => name === 'tools-qemu')!
  return { root: cache.tree(tree), bin: await toolBin(cache, tree) }
}

function check(values: Values): void {
  const port = values['port'] as number | undefined
  if (values['kvm'] && values['tcg'])
    throw new UsageError('USAGE_OPTION', '--kvm and --tcg exclude each other: choose one')
  if (port !== undefined && (port < 1 || port > 65_535))
    throw new UsageError('USAGE_VALUE', `--port takes 1 to 65535, not ${port}`)
}
