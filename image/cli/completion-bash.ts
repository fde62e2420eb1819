/** The completion script for bash. Boards and recipes are read from the checkout at completion time. */
import type { Command, Option, Positional } from './command.ts'
import { COMMON } from './parse.ts'

/** A word as bash and zsh read it back. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** `--json --help -h` */
function optionWords(options: readonly Option[]): string {
  return options
    .flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])])
    .join(' ')
}

/** What completes the n-th argument, one word an argument; a trailing `…` repeats the last. */
function kinds(positionals: readonly Positional[] = []): string {
  const words = positionals.map(({ completes }) => completes ?? 'none')
  return [...words, ...(positionals.at(-1)?.many === true ? ['…'] : [])].join(' ')
}

function verbCase(command: Command): string {
  const options = [...(command.options ?? []), ...COMMON]
  const taking = options.filter(({ type }) => type !== 'boolean')
  const values = taking.map(({ name, short, choices = [] }) => {
    const flags = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])].join(' | ')
    return `        ${flags}) words=${quoted(choices.join(' '))} value=1 ;;`
  })
  return [
    `    ${command.name})`,
    `      options=${quoted(optionWords(options))} kinds=${quoted(kinds(command.positionals))}`,
    ...(values.length > 0 ? ['      case $previous in', ...values, '      esac'] : []),
    '      ;;',
  ].join('\n')
}

export function bashScript(commands: readonly Command[], repo: string): string {
  return `# Completion of bt for bash, made by: bt completion bash
_bt_names() {
  local file name
  for file in ${quoted(repo)}/"$1"/*.ts; do
    name=\${file##*/}
    [ "$name" = "$1.ts" ] || [ "$name" = "\${1%s}.ts" ] || echo "\${name%.ts}"
  done
}

_bt() {
  local verbs=${quoted(commands.map(({ name }) => name).join(' '))}
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local options= kinds= words= value= kind= count=0 i
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "$verbs --help --version" -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(verbCase).join('\n')}
  esac
  if [ -n "$value" ]; then
    if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current"))
    else COMPREPLY=($(compgen -f -- "$current")); fi
    return
  fi
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    return
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do [[ \${COMP_WORDS[i]} == -* ]] || count=$((count + 1)); done
  set -- $kinds
  if [ "\${!#}" = … ] && [ "$count" -ge $(($# - 1)) ]; then count=$(($# - 2)); fi
  shift "$count" 2>/dev/null && kind=\${1-}
  case $kind in
    board) COMPREPLY=($(compgen -W "$(_bt_names board)" -- "$current")) ;;
    recipe) COMPREPLY=($(compgen -W "$(_bt_names recipes)" -- "$current")) ;;
    verb) COMPREPLY=($(compgen -W "$verbs" -- "$current")) ;;
    file) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _bt bt`
}
