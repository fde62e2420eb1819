/** Text in columns that line up, colours not counted. */
import { stripVTControlCharacters } from 'node:util'

/**
 * @param rows   cells of each line.
 * @param right  numbers of the columns, from 0, whose text ends at one line: those with figures.
 */
export function columns(rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const width = (text: string) => stripVTControlCharacters(text).length
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, width(cell))))
  return rows.map(row =>
    row
      .map((cell, i) => {
        const space = ' '.repeat(widths[i]! - width(cell))
        return right.includes(i) ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd(),
  )
}
