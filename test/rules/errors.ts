/** Reads the error classes out of the sources, for the rule on codes and for docs/errors.md. */
import { meaning } from './error-meaning.ts'
import { read, sources } from './sources.ts'

export type ErrorClass = {
  readonly name: string
  readonly file: string
  readonly codes: readonly string[]
}

/** Every class of the product whose instances carry one of a closed set of codes. */
export function errorClasses(): ErrorClass[] {
  return sources()
    .filter(path => !path.startsWith('test/'))
    .flatMap(file => classesIn(file, read(file)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** @throws {Error} when a class has a `code` that is not a union of literals. */
export function classesIn(file: string, text: string): ErrorClass[] {
  return [...text.matchAll(/^export class (\w+) extends Error \{([^]*?)^\}/gm)].map(match => {
    const [, name = '', body = ''] = match
    const type = /readonly code(?::|\s*=)\s*([^=\n]*(?:\n\s*\|[^\n]*)*)/.exec(body)?.[1] ?? ''
    const alias = /^\w+$/.exec(type.trim())?.[0]
    const union =
      alias === undefined
        ? type
        : (new RegExp(`type ${alias} =([^]*?)(?:\\n\\n|$)`).exec(text)?.[1] ?? '')
    const codes = [...union.matchAll(/'([A-Z0-9_]+)'/g)].map(found => found[1]!)
    if (codes.length === 0)
      throw new Error(
        `${file}: the codes of ${name} were not found, its \`code\` is ${type.trim()}`,
      )
    return { name, file, codes }
  })
}

/** The text of `docs/errors.md`. */
export function errorsMarkdown(classes = errorClasses()): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
  const product = sources().filter(path => !path.startsWith('test/'))
  const texts = (file: string) =>
    [file, ...product.filter(path => path !== file)].map(path => read(path))
  const sections = classes.flatMap(({ name, file, codes }) => [
    `## ${name}`,
    '',
    `From \`${file}\`.`,
    '',
    '| code | says |',
    '|---|---|',
    ...codes.map(
      code =>
        `| \`${code}\` | ${cell(meaning(code, texts(file), codes.length === 1 ? name : undefined))} |`,
    ),
    '',
  ])
  return [
    '# Errors',
    '',
    'Made from the error classes by `BT_UPDATE=1 bt test test/rules/errors`; the same test compares.',
    'With `--json` the code stands in `error.code`, the message in `error.message`. An `…` is filled in.',
    '',
    ...sections,
  ].join('\n')
}
