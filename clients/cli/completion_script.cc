// SPDX-License-Identifier: Apache-2.0

#include "cli/completion_script.h"

namespace tandem::cli {
namespace {

// What `__complete` prints: a word a line, after a tab what it is; ":files" where paths fit too.

constexpr char kBash[] =
    R"(# bash completion for tandem. In ~/.bashrc:  source <(tandem completion bash)
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
)";

constexpr char kZsh[] = R"(#compdef tandem
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
)";

constexpr char kFish[] =
    R"(# fish completion for tandem. In ~/.config/fish/completions/tandem.fish, or:
#   tandem completion fish | source
function __tandem_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    for line in (command $tokens[1] __complete $tokens[2..-1] "$current" 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c tandem -f -a '(__tandem_complete)'
)";

}  // namespace

const std::vector<std::string>& CompletionShells() {
  static const auto* const kShells = new std::vector<std::string>{"bash", "zsh", "fish"};
  return *kShells;
}

std::string CompletionScript(const std::string& shell) {
  if (shell == "zsh") return kZsh;
  return shell == "fish" ? kFish : kBash;
}

}  // namespace tandem::cli
