/** `bt licenses`: under which licences the packages of an image come, and all their texts. */
import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { writeAtomic } from '../engine/atomic.ts'
import { reportFolder } from '../report/find.ts'
import { LICENSES } from '../report/files.ts'
import { allTexts, type LicenseRow } from '../report/licenses.ts'
import { boardArgument, BUILD_OPTIONS, variantOf } from './build-options.ts'
import type { Command } from './command.ts'
import { columns } from './table.ts'

export const licenses: Command = {
  name: 'licenses',
  about: 'List the licences of what is in an image, and write all their texts to one file.',
  positionals: [boardArgument],
  options: [
    ...BUILD_OPTIONS,
    {
      name: 'output',
      short: 'o',
      type: 'string',
      value: 'FILE',
      about: 'file for the texts (default: licenses.txt beside the image)',
    },
  ],
  examples: [
    ['bt licenses', 'one package a line; the texts go to licenses.txt beside the image'],
    ['bt licenses --release -o NOTICES.txt --json', 'to hand out with a release; the list as JSON'],
  ],

  async run({ positionals, values, json, io }) {
    const board = positionals[0] ?? 'qemu-x86_64'
    const folder = await reportFolder(board, variantOf(values), LICENSES)
    const rows = JSON.parse(readFileSync(join(folder, LICENSES), 'utf8')) as LicenseRow[]
    const file = resolve((values['output'] as string | undefined) ?? join(folder, 'licenses.txt'))
    writeAtomic(file, allTexts(rows, join(folder, 'licenses')))
    if (json) io.out(JSON.stringify({ board, packages: rows, texts: file }))
    else {
      for (const line of licenseLines(rows)) io.out(line)
      io.out(`${rows.length} packages; all texts are in ${relative(process.cwd(), file)}`)
    }
    return 0
  },
}

/** The table: package, version, licences as far as a machine can read them. */
export function licenseLines(rows: readonly LicenseRow[]): string[] {
  const cells = rows.map(({ name, version, license }) => [name, version, license ?? 'see its text'])
  return columns(cells, [])
}
