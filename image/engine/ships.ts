/** Compares what steps made with what their recipe says it ships: nothing missing, nothing more. */
import picomatch from 'picomatch'
import type { Entry } from './tree.ts'

/** What is wrong between the files made and the globs shipped, or undefined. */
export function shipped(entries: readonly Entry[], ships: readonly string[]): string | undefined {
  const files = entries.filter(entry => entry.type !== 'dir').map(entry => entry.path)
  const globs = ships.map(glob => ({ glob, fits: picomatch(glob, { dot: true }) }))
  const unmade = globs.find(({ fits }) => !entries.some(entry => fits(entry.path)))
  if (unmade !== undefined)
    return `ships ${unmade.glob}, but the steps made no such file; they made ${listed(files)}`
  const extra = files.filter(file => !globs.some(({ fits }) => fits(file)))
  return extra.length === 0
    ? undefined
    : `the steps made ${listed(extra)}, which \`ships\` does not name: ship it or remove it in a step`
}

const listed = (files: readonly string[]) =>
  files.length === 0
    ? 'nothing'
    : files.slice(0, 5).join(', ') + (files.length > 5 ? ` and ${files.length - 5} more` : '')
