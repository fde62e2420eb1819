/** Finds the word somebody meant. */

/** The one of `known` with the fewest changed letters, if those are at most a third of its own. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let fewest = Infinity
  for (const each of known) {
    const changes = distance(word.slice(0, 64), each)
    if (changes <= Math.max(1, each.length / 3) && changes < fewest)
      [best, fewest] = [each, changes]
  }
  return best
}

/** Levenshtein's distance: letters inserted, dropped or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
