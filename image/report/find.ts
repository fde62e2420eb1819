/** Where the last build of an image left its reports. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD } from '../paths.ts'
import { variantFolder } from '../publish.ts'
import type { Variant } from '../recipe/context.ts'
import { graphOf } from '../recipe/graph.ts'

export class ReportError extends Error {
  readonly code = 'REPORT_NOT_BUILT'
  constructor(message: string) {
    super(message)
    this.name = 'ReportError'
  }
}

/** @throws {ReportError} when the image is not built, or by a `bt` that did not write reports yet. */
export async function reportFolder(board: string, variant: Variant, file: string): Promise<string> {
  const { context } = await graphOf(board, variant)
  const folder = variantFolder(BUILD, context)
  if (existsSync(join(folder, file))) return folder
  const release = variant.profile === 'release' ? ' --release' : ''
  throw new ReportError(
    `${board} is not built (there is no ${join(folder, file)}): run bt build ${board}${release} first`,
  )
}
