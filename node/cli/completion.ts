/** `blocktree completion bash`: the completion script, made from the records of the verbs. */
import type { Command } from './command.ts'
import { COMMON, flags } from './parse.ts'

export function completionVerb(commands: () => readonly Command[]): Command {
  return {
    words: ['completion'],
    about: 'Print the completion script of a shell.',
    positionals: [{ name: 'SHELL', about: 'The shell.', choices: ['bash'] }],
    examples: [
      ['blocktree completion bash', 'for ~/.bashrc: source <(blocktree completion bash)'],
      ['blocktree completion bash --json', 'as JSON'],
    ],
    async run({ positionals: [shell], json, io }) {
      const script = bashScript(commands())
      io.out(json ? JSON.stringify({ shell, script }) : script)
      return 0
    },
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function verbCase({ words, options = [], positionals = [] }: Command): string {
  const all = [...options, ...COMMON]
  const kinds = positionals.map(({ completes, choices }) =>
    choices ? `=${choices.join(',')}` : (completes ?? 'none'),
  )
  const taking = all
    .filter(({ value }) => value !== undefined)
    .map(option => `${flags(option).join('|')}) value=${option.completes ?? 'none'} ;;`)
  return [
    `    ${quoted(words.join(' '))})`,
    `      options=${quoted(all.flatMap(flags).join(' '))} kinds=${quoted(kinds.join(' '))}`,
    `      more=${positionals.at(-1)?.many === true ? 1 : ''}`,
    ...(taking.length > 0 ? [`      case $previous in ${taking.join(' ')} esac`] : []),
    '      ;;',
  ].join('\n')
}

/** A script that bash sources. Paths of the tree are asked of `blocktree ls` while completing. */
export function bashScript(commands: readonly Command[]): string {
  const verbs = commands.map(({ words }) => words)
  const firsts = [...new Set(verbs.map(([first]) => first!))]
  const seconds = firsts.flatMap(first => {
    const after = verbs.filter(words => words[0] === first && words.length > 1)
    if (after.length === 0) return []
    const words = after.map(([, second]) => second!).join(' ')
    return [`    ${first}) echo ${quoted(words)} ;;`]
  })
  return `# Completion of blocktree for bash, made by: blocktree completion bash
_blocktree_second() {
  case $1 in
${seconds.join('\n')}
  esac
}

_blocktree_paths() {
  local current=$1 above entry
  case $current in
    /*/*) above=\${current%/*} ;;
    *) echo /ROOT/; return ;;
  esac
  "\${COMP_WORDS[0]}" ls "$above" 2>/dev/null | while IFS= read -r entry; do
    entry=\${entry%[@*]}
    case $above/$entry in "$current"*) printf '%s\\n' "$above/$entry" ;; esac
  done
}

_blocktree_offer() {
  local kind=$1 current=$2
  case $kind in
    file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    path)
      compopt -o nospace
      mapfile -t COMPREPLY < <(_blocktree_paths "$current" | while IFS= read -r word; do
        printf '%q\\n' "$word"; done)
      ;;
    verb) mapfile -t COMPREPLY < <(compgen -W ${quoted([...new Set(verbs.flat())].join(' '))} -- "$current") ;;
    =*) mapfile -t COMPREPLY < <(compgen -W "\${kind:1}" -- "$current") ;;
  esac
}

_blocktree() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local verb=\${COMP_WORDS[1]} options= kinds= more= value= count=0 i start=2 second
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W ${quoted(`${firsts.join(' ')} --help --version`)} -- "$current")
    return
  fi
  second=$(_blocktree_second "$verb")
  if [ -n "$second" ]; then
    if [ "$COMP_CWORD" -eq 2 ]; then
      mapfile -t COMPREPLY < <(compgen -W "$second" -- "$current")
      [ \${#COMPREPLY[@]} -eq 0 ] || return
    fi
    case " $second " in *" \${COMP_WORDS[2]} "*) verb="$verb \${COMP_WORDS[2]}" start=3 ;; esac
  fi
  case $verb in
${commands.map(verbCase).join('\n')}
  esac
  if [ -n "$value" ]; then _blocktree_offer "$value" "$current"; return; fi
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    return
  fi
  for ((i = start; i < COMP_CWORD; i++)); do
    [[ \${COMP_WORDS[i]} == -* ]] || count=$((count + 1))
  done
  local all=($kinds)
  if [ -n "$more" ] && [ "$count" -ge \${#all[@]} ]; then count=$((\${#all[@]} - 1)); fi
  _blocktree_offer "\${all[count]:-none}" "$current"
}
complete -F _blocktree blocktree`
}
