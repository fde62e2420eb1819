/** Kernel modules by name and by what they need, as depmod(8) writes it in `modules.dep`. */

/** `kernel/fs/erofs/erofs.ko.xz` and `erofs` both give `erofs`; `-` and `_` are one letter. */
export function moduleName(path: string): string {
  const file = path.slice(path.lastIndexOf('/') + 1)
  return file.replace(/\.ko(\.(xz|zst|gz))?$/, '').replaceAll('-', '_')
}

/** Lines `path: needed-path…`; gives every module's direct and indirect needs, nearest first. */
export function readDependencies(text: string): Map<string, string[]> {
  const graph = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0)
      graph.set(
        line.slice(0, colon),
        line
          .slice(colon + 1)
          .split(' ')
          .filter(Boolean),
      )
  }
  return graph
}
