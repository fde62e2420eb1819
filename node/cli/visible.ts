/** Names that others chose, on a terminal: what would control it is written out. */

/** `text` with control characters and those that turn the direction of writing as `\u001b`. */
export function visible(text: string): string {
  return text.replace(
    /[\0-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
