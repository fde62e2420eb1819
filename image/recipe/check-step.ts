/**
 * Refuses steps that use an edge of `@yarnpkg/shell` where it does not do what a reader expects of a
 * shell: failures that nobody sees, lines that run together, words that are no commands. What a step
 * may hold is in docs/write-a-recipe.md.
 */
import { parseShell } from '@yarnpkg/parsers'
import { nearest } from './nearest.ts'

/** Variables that every step has. */
export const VARIABLES = [
  'in',
  'src',
  'out',
  'work',
  'HOME',
  'TMPDIR',
  'PATH',
  'JOBS',
  'SOURCE_DATE_EPOCH',
  'LC_ALL',
  'TZ',
] as const

/** What is wrong with a step, and what to write instead. */
export type StepFault = readonly [found: string, instead: string]

const CONTROL =
  /^(if|then|elif|else|fi|for|while|until|do|done|case|esac|select|function|set|export|unset|local|readonly|alias|trap|eval|source|\.|!|#.*|\[\[)$/

/** The first thing that does not fit, or undefined. */
export function stepFault(step: string): StepFault | undefined {
  if (/[\r\n]/.test(step)) return ['a newline', 'a step is one line: make it two steps']
  if (step.trim() === '') return ['no command', 'remove it']
  if (step.includes('$$')) return ['`$$`, the engine itself', 'use $work for names of your own']
  if (step.includes('`'))
    return ['a backtick, which is a letter like any other here', 'write to a file in $work']
  let lines: unknown
  try {
    lines = parseShell(step)
  } catch (error) {
    if (/(?<!<)<<(?!<)/.test(step)) return ['a here-document', 'use the verb `write`']
    const message = (error as Error).message.split('\n')[0]
    return [`a syntax error (${message})`, 'docs/write-a-recipe.md shows what the shell knows']
  }
  const semicolon = ['`;`, after which failures are ignored', 'make it two steps'] as const
  if (step.trimEnd().endsWith(';')) return semicolon
  const assigned = new Set<string>()
  return [...nodes(lines)].reduce<StepFault | undefined>(
    (fault, node) => fault ?? nodeFault(node, assigned, semicolon),
    loneFault(lines as Node[]),
  )
}

type Node = Readonly<Record<string, unknown>> | readonly Node[]

/** Every object and list in a parsed line, outer ones first. */
function* nodes(node: unknown): Generator<Node> {
  if (node === null || typeof node !== 'object') return
  yield node as Node
  for (const inner of Object.values(node)) yield* nodes(inner)
}

function nodeFault(node: Node, assigned: Set<string>, semicolon: StepFault): StepFault | undefined {
  if (Array.isArray(node)) {
    const lines = node.filter(item => 'command' in (item as object))
    return lines.length > 1 ? semicolon : undefined
  }
  const { type, name, args, defaultValue } = node as Record<string, unknown>
  if (type === '&') return ['`&`', 'steps run one after the other']
  if (type === '|' || type === '|&')
    return ['a pipe, whose left side may fail unseen', 'write to a file in $work and read it']
  if (type === 'shell')
    return ['`$(…)`, which may fail unseen', 'write to a file in $work and read it']
  if (type === undefined && typeof name === 'string' && args !== undefined) assigned.add(name)
  if (type === 'variable' && defaultValue === undefined)
    return variableFault(name as string, assigned)
  const first = (args as { segments?: { text?: string }[] }[] | undefined)?.[0]?.segments?.[0]?.text
  if (type === 'command' && first !== undefined && CONTROL.test(first))
    return [`\`${first}\`, which is no command here`, 'conditions and loops are TypeScript']
  return undefined
}

function variableFault(name: string, assigned: ReadonlySet<string>): StepFault | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name))
    return [`\`$${name}\`, which the shell does not know`, `variables are ${VARIABLES.join(', ')}`]
  if (assigned.has(name) || (VARIABLES as readonly string[]).includes(name)) return undefined
  const meant = nearest(name, VARIABLES)
  return [
    `the unknown variable $${name}`,
    meant === undefined ? `variables are ${VARIABLES.join(', ')}` : `did you mean $${meant}?`,
  ]
}

/** A line that does nothing, as the next step starts anew. */
function loneFault(lines: readonly Node[]): StepFault | undefined {
  const { command } = (lines[0] ?? {}) as { command?: { chain: Chain; then?: unknown } }
  if (command === undefined || command.then !== undefined || lines.length > 1) return undefined
  const { type, args } = command.chain
  const instead = 'every step starts anew in $work: join it to what follows with `&&`'
  if (type === 'envs') return ['nothing but variables', instead]
  if (args?.[0]?.segments?.[0]?.text === 'cd') return ['nothing but `cd`', instead]
  return undefined
}

type Chain = {
  readonly type: string
  readonly args?: readonly { readonly segments?: readonly { readonly text?: string }[] }[]
}
