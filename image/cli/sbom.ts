/** `bt sbom`: what is in an image, for programs that look up faults and licences. */
import { copyFileSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { reportFolder } from '../report/find.ts'
import { SBOMS } from '../report/files.ts'
import { boardArgument, BUILD_OPTIONS, variantOf } from './build-options.ts'
import type { Command } from './command.ts'

export const sbom: Command = {
  name: 'sbom',
  about: 'Print the bill of materials of an image, as its build wrote it.',
  positionals: [boardArgument],
  options: [
    ...BUILD_OPTIONS,
    {
      name: 'format',
      type: 'string',
      value: 'FORMAT',
      about: 'SPDX 2.3 (default) or CycloneDX 1.6, both JSON',
      choices: Object.keys(SBOMS),
    },
    { name: 'tools', type: 'boolean', about: 'of the tools that made it, which are not in it' },
    { name: 'output', short: 'o', type: 'string', value: 'FILE', about: 'write it there instead' },
  ],
  examples: [
    ['bt sbom', 'packages, their sources, hashes and licences'],
    ['bt sbom qemu-x86_64 --release --format cyclonedx -o sbom.json', 'for a scanner'],
    ['bt sbom --tools', 'what ran to make the image'],
  ],

  async run({ positionals, values, json, io }) {
    const board = positionals[0] ?? 'qemu-x86_64'
    const format = (values['format'] ?? 'spdx') as keyof typeof SBOMS
    const name = SBOMS[format][values['tools'] ? 'tools' : 'image']
    const file = join(await reportFolder(board, variantOf(values), name), name)
    const output = values['output'] as string | undefined
    if (output === undefined) io.out(readFileSync(file, 'utf8').trimEnd())
    else {
      copyFileSync(file, output)
      io.out(json ? JSON.stringify({ board, format, file: resolve(output) }) : output)
    }
    return 0
  },
}
