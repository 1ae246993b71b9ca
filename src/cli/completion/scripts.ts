export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** Each asks the program that is completed itself, so that several versions don't mix. */
export const scripts: Readonly<Record<Shell, string>> = {
  // Bash takes a candidate as what follows the last ":" or "=" that it split at.
  bash: `_remote_jobs() {
  local line="\${COMP_LINE:0:COMP_POINT}" cur="\${COMP_WORDS[COMP_CWORD]}" typed before answer word
  COMPREPLY=()
  typed="\${line##*[[:space:]]}"
  case "$cur" in [=:]) cur="" ;; esac
  before="\${typed%"$cur"}"
  case "$before" in *[=:]) ;; *) before="" ;; esac
  while IFS= read -r answer; do
    case "$answer" in
      :files) compopt -o filenames 2>/dev/null; while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur") ;;
      :folders) compopt -o filenames 2>/dev/null; while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$cur") ;;
      :end) ;;
      *) word="\${answer%%$'\\t'*}"; COMPREPLY+=("$(printf %q "\${word#"$before"}")") ;;
    esac
  done < <("\${COMP_WORDS[0]}" __complete line "$line" 2>/dev/null)
}
complete -F _remote_jobs remote-jobs
`,
  zsh: `#compdef remote-jobs
_remote-jobs() {
  local answer value about files
  local -a values
  while IFS= read -r answer; do
    case "$answer" in
      :files|:folders|:end) files="$answer" ;;
      *) value="\${answer%%$'\\t'*}"; about="\${answer#"$value"}"; about="\${about#$'\\t'}"
         value="\${value//:/\\\\:}"; values+=("$value\${about:+:$about}") ;;
    esac
  done < <("\${(Q)words[1]}" __complete words "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  (( $#values )) && _describe -V remote-jobs values
  case "$files" in
    :files) [[ "$PREFIX" == --*=* ]] && compset -P '*='; _files ;;
    :folders) [[ "$PREFIX" == --*=* ]] && compset -P '*='; _files -/ ;;
  esac
}
if [ "$funcstack[1]" = "_remote-jobs" ]; then
  _remote-jobs "$@"
else
  compdef _remote-jobs remote-jobs
fi
`,
  fish: `function __remote_jobs_complete
  set -l before (commandline -opc)
  set -l typed (commandline -ct)
  for answer in ($before[1] __complete words $before[2..-1] "$typed" 2>/dev/null)
    switch $answer
      case :files
        __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$typed")
      case :folders
        __fish_complete_directories (string replace -r '^--[^=]*=' '' -- "$typed")
      case :end
      case '*'
        echo $answer
    end
  end
end
complete -c remote-jobs -f -k -a '(__remote_jobs_complete)'
`,
};
