/** What an error code says: the message it is made with, read out of the source. */

/**
 * The text of the first `new SomeError('CODE', message)` in `texts`, with `…` for what is filled in,
 * else what a docstring says behind `CODE`; empty when neither is found. A class with a single code
 * is made with the message alone: `only` is the name of that class.
 */
export function meaning(code: string, texts: readonly string[], only?: string): string {
  const made = [`'${code}',\\s*`, ...(only === undefined ? [] : [`new ${only}\\(\\s*`])].join('|')
  for (const text of texts)
    for (const match of text.matchAll(new RegExp(made, 'g'))) {
      const message = literals(text, match.index + match[0].length)
      if (/\w{3}/.test(message)) return message
    }
  for (const text of texts) {
    const said = new RegExp(
      `\`${code}\`:?\\s+([^;\`]*?)(?:[;.]|\\*/|,?\\s*(?:or|and)?\\s*\`)`,
    ).exec(text)
    if (said !== null) return said[1]!.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim()
  }
  return ''
}

/** The strings and templates of the expression at `at`, put together; all else becomes `…`. */
function literals(text: string, at: number): string {
  let said = ''
  let depth = 0
  for (let i = at; i < text.length; i++) {
    const c = text[i]!
    if (c === "'" || c === '`' || c === '"') {
      const end = closing(text, i)
      if (depth === 0) said += plain(text.slice(i + 1, end))
      i = end
    } else if (depth === 0 && (c === ',' || c === ')')) break
    else if ('([{'.includes(c)) depth++
    else if (')]}'.includes(c)) depth--
    else if (/[\w$]/.test(c) && depth === 0 && !said.endsWith('…')) said += '…'
  }
  return said.replaceAll(/\s+/g, ' ').trim()
}

/** Where the string or template that begins at `at` ends. */
function closing(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === text[at]) return i
    else if (text[at] === '`' && text[i] === '$' && text[i + 1] === '{') i = brace(text, i + 1)
  }
  return text.length
}

/** Where the brace that opens at `at` closes. */
function brace(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; i++) {
    if ('\'`"'.includes(text[i]!)) i = closing(text, i)
    else if (text[i] === '{') depth++
    else if (text[i] === '}' && --depth === 0) return i
  }
  return text.length
}

/** A literal's inside, with `…` for `${…}`. */
function plain(inside: string): string {
  let said = ''
  for (let i = 0; i < inside.length; i++) {
    if (inside[i] === '$' && inside[i + 1] === '{') {
      i = brace(inside, i + 1)
      said += '…'
    } else if (inside[i] === '\\') said += inside[++i] === 'n' ? ' ' : inside[i]
    else said += inside[i]
  }
  return said
}
