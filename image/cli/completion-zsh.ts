/** The completion script for zsh, with what each verb and option is about. */
import type { Command, Option, Positional } from './command.ts'
import { quoted } from './completion-bash.ts'
import { COMMON } from './parse.ts'

/** In `_arguments` a colon or bracket would end the text. */
const plain = (text: string) => text.replaceAll(/[[\]:\\]/g, ' ')

function option({ name, short, type, value, choices, about }: Option): string {
  const takes =
    type === 'boolean'
      ? ''
      : `:${value ?? 'value'}:${choices === undefined ? '_files' : `(${choices.join(' ')})`}`
  const spec = quoted(`[${plain(about)}]${takes}`)
  const equals = type === 'boolean' ? '' : '='
  return short === undefined
    ? `${quoted(`--${name}${equals}`)}${spec}`
    : `'(-${short} --${name})'{-${short}${equals === '' ? '' : '+'},--${name}${equals}}${spec}`
}

const ACTIONS = { board: '_bt_board', recipe: '_bt_recipe', verb: '_bt_verb', file: '_files' }

function positional({ name, optional, many, completes }: Positional, index: number): string {
  const action = completes === undefined ? ' ' : ACTIONS[completes]
  const place = many === true ? '*' : `${index + 1}`
  return quoted(`${place}:${optional === true && many !== true ? ':' : ''}${name}:${action}`)
}

function verbCase({ name, positionals = [], options = [] }: Command): string {
  const specs = [...[...options, ...COMMON].map(option), ...positionals.map(positional)]
  return `    ${name})\n      _arguments \\\n${specs.map(spec => `        ${spec}`).join(' \\\n')}\n      ;;`
}

export function zshScript(commands: readonly Command[], repo: string): string {
  const verbs = commands.map(({ name, about }) => `    ${quoted(`${name}:${plain(about)}`)}`)
  return `#compdef bt
# Completion of bt for zsh, made by: bt completion zsh
_bt_repo=${quoted(repo)}

_bt_board() {
  local -a names
  names=($_bt_repo/board/*.ts(N:t:r))
  names=(\${names:#board})
  _describe board names
}

_bt_recipe() {
  local -a names
  names=($_bt_repo/recipes/*.ts(N:t:r))
  names=(\${names:#recipe})
  _describe recipe names
}

_bt_verb() {
  local -a verbs
  verbs=(
${verbs.join('\n')}
  )
  _describe verb verbs
}

_bt() {
  if (( CURRENT == 2 )); then
    _bt_verb
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
${commands.map(verbCase).join('\n')}
  esac
}

if [ "$funcstack[1]" = _bt ]; then _bt "$@"; else compdef _bt bt; fi`
}
