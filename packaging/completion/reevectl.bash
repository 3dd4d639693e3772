# bash completion for reevectl(1): commands, groups and processes.        -*- shell-script -*-
# Both come from reevectl itself, so that no list here can be out of date.

_reevectl_commands()
{
        "$@" help 2> /dev/null | awk '
                /:$/ || /^=+$/ { next }
                { for (i = 1; i <= NF; i++) print $i }'
        echo help check doctor import-supervisor keygen
}

# Processes by their full names, and their groups as "name:*".
_reevectl_processes()
{
        "$@" status 2> /dev/null | awk '
                { print $1 }
                $1 ~ /:/ { sub(/:.*/, ":*", $1); if (!seen[$1]++) print $1 }'
        echo all
}

_reevectl_groups()
{
        "$@" avail 2> /dev/null | awk '{ sub(/:.*/, "", $1); if (!seen[$1]++) print $1 }'
}

_reevectl_signals="HUP INT QUIT KILL USR1 USR2 TERM CONT STOP WINCH"

_reevectl()
{
        local cur prev words cword i command= position=0
        local -a call

        # A colon belongs to a name.
        _get_comp_words_by_ref -n : cur prev words cword 2> /dev/null || return
        call=("${words[0]}")
        for ((i = 1; i < cword; i++)); do
                case ${words[i]} in
                -c | -s | -u | -p | -r | --configuration | --serverurl | --username | --password | \
                        --history_file)
                        [[ $((i + 1)) -lt $cword ]] && call+=("${words[i]}" "${words[i + 1]}")
                        ((i++))
                        ;;
                --*=*) call+=("${words[i]}") ;;
                -*) ;;
                *)
                        if [[ -z $command ]]; then command=${words[i]}; else ((position++)); fi
                        ;;
                esac
        done
        case $prev in
        -c | --configuration | -r | --history_file)
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -f -- "$cur")
                return
                ;;
        -s | -u | -p | --serverurl | --username | --password) return ;;
        esac
        if [[ $cur == -* && -z $command ]]; then
                mapfile -t COMPREPLY < <(compgen -W "--configuration --help --interactive --json --version
                        --serverurl --username --password --history_file" -- "$cur")
                return
        fi
        case $command in
        '' | help) i=$(_reevectl_commands "${call[@]}") ;;
        add | remove | update) i=$(_reevectl_groups "${call[@]}") ;;
        signal)
                if ((position == 0)); then i=$_reevectl_signals
                else i=$(_reevectl_processes "${call[@]}"); fi
                ;;
        clear | fg | pid | restart | start | status | stop | tail)
                i=$(_reevectl_processes "${call[@]}")
                ;;
        keygen | import-supervisor)
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -f -- "$cur")
                return
                ;;
        *) return ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "$i" -- "$cur")
        __ltrim_colon_completions "$cur"
}
complete -F _reevectl reevectl
