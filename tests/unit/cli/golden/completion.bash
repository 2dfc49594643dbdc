# bash completion for tandem. In ~/.bashrc:  source <(tandem completion bash)
_tandem() {
  local current=${COMP_WORDS[COMP_CWORD]} line files
  # A word that bash cut at "=" or ":" begins anew.
  [[ $current == [=:] ]] && current=
  COMPREPLY=()
  while read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t files < <(compgen -f -- "$current")
      COMPREPLY+=("${files[@]}")
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  # A field or a noun may go on behind its dot or slash.
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[./] ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -F _tandem tandem
