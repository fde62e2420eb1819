/** How the loader's cache sorts names (glibc, elf/dl-cache.c, `_dl_cache_libcmp`). */

/**
 * The loader's order of names: runs of digits as numbers, and a digit after anything else. The
 * loader searches by halving, so an entry in the wrong place is one it does not find.
 */
export function compareNames(a: string, b: string): number {
  let [i, j] = [0, 0]
  const digit = (s: string, at: number) => at < s.length && s[at]! >= '0' && s[at]! <= '9'
  while (i < a.length) {
    if (digit(a, i)) {
      if (!digit(b, j)) return 1
      const [left, right] = [/^\d+/.exec(a.slice(i))![0], /^\d+/.exec(b.slice(j))![0]]
      const order = BigInt(left) - BigInt(right)
      if (order !== 0n) return order > 0n ? 1 : -1
      i += left.length
      j += right.length
    } else {
      if (digit(b, j)) return -1
      const order = a.charCodeAt(i) - (j < b.length ? b.charCodeAt(j) : 0)
      if (order !== 0) return order
      i++
      j++
    }
  }
  return j < b.length ? -1 : 0
}
