/** Cuts a byte stream into lines with a bound, so that a peer can't make us hold without end. */

/**
 * Gives a function to feed with chunks of any size. `onLine` gets each line without its `\n` or
 * `\r\n`; empty lines are skipped. Once a line is longer than `maxBytes`, `onTooLong` is called once
 * and everything after it is ignored.
 */
export function lineCutter(
  maxBytes: number,
  onLine: (line: Buffer) => void,
  onTooLong: () => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let held = 0
  let dead = false
  return chunk => {
    for (let from = 0; !dead && from < chunk.length;) {
      const end = chunk.indexOf(10, from)
      const part = chunk.subarray(from, end < 0 ? chunk.length : end)
      held += part.length
      if (held > maxBytes) {
        dead = true
        parts = []
        onTooLong()
        return
      }
      parts.push(part)
      if (end < 0) return
      let line = parts.length === 1 ? part : Buffer.concat(parts)
      if (line.at(-1) === 13) line = line.subarray(0, -1)
      parts = []
      held = 0
      from = end + 1
      if (line.length > 0) onLine(line)
    }
  }
}
