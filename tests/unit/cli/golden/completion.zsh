#compdef tandem
# zsh completion for tandem. Either in a folder of $fpath as _tandem, or in ~/.zshrc after compinit:
#   source <(tandem completion zsh)
_tandem() {
  local line
  local -a candidates
  for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      _files
    elif [[ -n $line ]]; then
      candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done
  (( ${#candidates} )) && _describe -V tandem candidates
}
if [[ ${funcstack[1]} == _tandem ]]; then
  _tandem "$@"
else
  compdef _tandem tandem
fi
