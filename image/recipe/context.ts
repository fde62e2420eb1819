/** What a build is for: from a board's name and the options of a command to a Context. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Board } from '../../board/board.ts'
import type { Context } from '../../recipes/recipe.ts'
import { REPO } from '../paths.ts'

export type Variant = {
  readonly profile: 'dev' | 'release'
  /** Default: the board's. */
  readonly kernel?: string | undefined
  /** Default: the project's. Semver; tests build an older one to fall back to. */
  readonly version?: string | undefined
}

export function contextOf(board: Board, variant: Variant): Context {
  const { version, releaseDate } = JSON.parse(readFileSync(join(REPO, 'package.json'), 'utf8')) as {
    version: string
    releaseDate: string
  }
  return {
    board,
    arch: board.arch === 'x86_64' ? 'amd64' : 'arm64',
    profile: variant.profile,
    kernel: variant.kernel ?? board.kernel.recipe,
    version: variant.version ?? version,
    epoch: Date.parse(`${releaseDate}T00:00:00Z`) / 1000,
  }
}
