# fish completion for tandem. In ~/.config/fish/completions/tandem.fish, or:
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
