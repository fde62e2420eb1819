/**
 * From the short names of Debian's copyright files to SPDX expressions: `GPL-2+ or Expat` becomes
 * `GPL-2.0-or-later OR MIT`. Sources: DEP-5, "License specification"; the SPDX licence list.
 */
import { fixupSpdxId } from '@cyclonedx/cyclonedx-library/SPDX'
import parseSpdx from 'spdx-expression-parse'

/** Names that differ from SPDX's in more than case. GNU's without a version mean any version. */
const NAMES: Readonly<Record<string, string>> = {
  'apache-2': 'Apache-2.0',
  agpl: 'AGPL-3.0-or-later',
  expat: 'MIT',
  gpl: 'GPL-1.0-or-later',
  lgpl: 'LGPL-2.0-or-later',
  'mit/x11': 'MIT',
  'gfdl-niv-1.3': 'GFDL-1.3-no-invariants-only',
  'gfdl-niv-1.3+': 'GFDL-1.3-no-invariants-or-later',
}

const EXCEPTIONS: Readonly<Record<string, string>> = {
  bison: 'Bison-exception-2.2',
  'gcc-runtime-library': 'GCC-exception-3.1',
  gcc: 'GCC-exception-3.1',
  libtool: 'Libtool-exception',
  'linux-syscall-note': 'Linux-syscall-note',
  texinfo: 'Texinfo-exception',
}

/**
 * @param text  Short names joined by `and`, `or`, and commas, which bind least (DEP-5).
 * @param unknown  Gives the `LicenseRef-…` of a name that SPDX does not know.
 * @returns  Expressions that all apply; see {@link joined}.
 */
export function spdxOf(text: string, unknown: (name: string) => string): string[] {
  const one = (part: string): string => knownAs(part.trim()) ?? unknown(part.trim())
  const both = (part: string): string[] => part.split(/\s+and\s+/i).map(one)
  const either = (part: string): string[] => any(part.split(/\s+or\s+/i).map(both))
  const [first = '', ...rest] = text.split(/,\s*(?=(?:and|or)\s)/i)
  return rest.reduce((left, part) => {
    const [, word = '', right = ''] = /^(and|or)\s+(.*)$/is.exec(part)!
    return word.toLowerCase() === 'or' ? any([left, either(right)]) : [...left, ...either(right)]
  }, either(first))
}

/** One expression of several that all apply, each named once. */
export function joined(expressions: readonly string[]): string {
  const set = [...new Set(expressions)].sort()
  if (set.length === 1) return set[0]!
  return set.map(one => (one.includes(' OR ') ? `(${one})` : one)).join(' AND ')
}

function any(alternatives: readonly string[][]): string[] {
  if (alternatives.length === 1) return alternatives[0]!
  const parts = alternatives.map(all => (all.length === 1 ? all[0]! : `(${joined(all)})`))
  return [[...new Set(parts)].join(' OR ')]
}

function knownAs(name: string): string | undefined {
  const [, base = name, exception] = /^(\S+) with (\S+) exception$/i.exec(name) ?? []
  const id = idOf(base)
  if (id === undefined || exception === undefined) return id
  const added = EXCEPTIONS[exception.toLowerCase()]
  return added === undefined ? undefined : valid(`${id} WITH ${added}`)
}

function idOf(name: string): string | undefined {
  const lower = name.toLowerCase()
  const [, family, version, later] =
    /^(a?gpl|lgpl|gfdl)-(\d(?:\.\d)?)(?:\.0)?(\+)?$/.exec(lower) ?? []
  if (family !== undefined && version !== undefined) {
    const full = version.includes('.') ? version : `${version}.0`
    return valid(`${family.toUpperCase()}-${full}-${later ? 'or-later' : 'only'}`)
  }
  return valid(NAMES[lower] ?? fixupSpdxId(name) ?? '')
}

/** The expression, if SPDX knows all of it. */
function valid(expression: string): string | undefined {
  try {
    parseSpdx(expression)
    return expression
  } catch {
    return undefined
  }
}
