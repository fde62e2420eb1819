/**
 * What all recipes of this checkout ask for on one architecture. A lock serves every board and
 * profile, so what a recipe asks for may depend on the architecture only.
 */
import type { Board } from '../../board/board.ts'
import { contextOf } from '../recipe/context.ts'
import { boardNames, loadBoard, loadRecipes } from '../recipe/load.ts'
import type { DebArch } from './apt.ts'
import { DebianError } from './error.ts'
import { lockInputs, type LockInputs } from './inputs.ts'

/** Stands in for an architecture that no board has yet. */
const REFERENCE = 'qemu-x86_64'

/**
 * @throws {DebianError} `DEBIAN_UNRESOLVED` when a recipe asks for other packages in another variant.
 */
export async function repositoryInputs(arch: DebArch): Promise<LockInputs> {
  const boards: Board[] = []
  for (const name of boardNames()) boards.push(await loadBoard(name))
  const fitting = boards.filter(board => contextOf(board, { profile: 'dev' }).arch === arch)
  const chosen = fitting.length > 0 ? fitting : boards.filter(({ name }) => name === REFERENCE)
  let first: { inputs: LockInputs; where: string } | undefined
  for (const board of chosen) {
    for (const profile of ['dev', 'release'] as const) {
      const context = { ...contextOf(board, { profile }), arch }
      const inputs = lockInputs((await loadRecipes(context)).values())
      const where = `${board.name} --${profile}`
      first ??= { inputs, where }
      const other = differing(first.inputs, inputs)
      if (other !== undefined)
        throw new DebianError(
          'DEBIAN_UNRESOLVED',
          `recipe ${other} asks for other Debian packages for ${first.where} than for ${where}; ` +
            'they may depend on the architecture only: make them two recipes',
        )
    }
  }
  return first?.inputs ?? new Map()
}

function differing(a: LockInputs, b: LockInputs): string | undefined {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort()
  return names.find(name => JSON.stringify(a.get(name)) !== JSON.stringify(b.get(name)))
}
