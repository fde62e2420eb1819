/** A context to evaluate recipes for, and a recipe that is all right. */
import type { Context } from '../../../recipes/recipe.ts'
import { board } from '../../../board/qemu-x86_64.ts'

export const context: Context = {
  board,
  arch: 'amd64',
  profile: 'dev',
  kernel: 'linux',
  version: '1.2.3',
  epoch: 1_767_225_600,
}

export const good = {
  name: 'good',
  about: 'for a test',
  version: '1',
  license: 'Apache-2.0',
  steps: ['write $out/good hello'],
  ships: ['good'],
}
