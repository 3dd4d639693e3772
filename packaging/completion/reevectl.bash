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

_reevectl_applications()
{
        "$@" application_info 2> /dev/null | awk 'NR > 1 { print $1 }'
}

_reevectl_instances()
{
        "$@" instance_status 2> /dev/null | awk 'NR > 1 { print $1; print $2 }'
}

# What a command takes that begins with a dash.
_reevectl_options()
{
        case $1 in
        check) echo "-c --json --strict" ;;
        doctor) echo "--json --strict" ;;
        import-supervisor) echo "-o --dry-run --force" ;;
        keygen) echo "--force --add" ;;
        maintail | tail) echo "-f" ;;
        status) echo "--long --json" ;;
        top) echo "--once --json --sort --interval" ;;
        upgrade) echo "--binary" ;;
        application_info | application_rules | cluster | conflicts | events | instance_status | \
                latency | local_status | process_rules | sstate | sstatus) echo "--json" ;;
        esac
}

_reevectl_strategies="CONFIG LESS_LOADED MOST_LOADED LOCAL LESS_LOADED_NODE MOST_LOADED_NODE"
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
        case $command:$prev in
        check:-c | import-supervisor:-o | upgrade:--binary) command=keygen ;; # a file
        top:--sort)
                mapfile -t COMPREPLY < <(compgen -W "cpu time memory tasks io pressure name" -- "$cur")
                return
                ;;
        top:--interval) return ;;
        *)
                if [[ $cur == -* ]]; then
                        mapfile -t COMPREPLY < <(compgen -W "$(_reevectl_options "$command")" -- "$cur")
                        return
                fi
                ;;
        esac
        case $command in
        '' | help) i=$(_reevectl_commands "${call[@]}") ;;
        add | remove | update) i=$(_reevectl_groups "${call[@]}") ;;
        signal)
                if ((position == 0)); then i=$_reevectl_signals
                else i=$(_reevectl_processes "${call[@]}"); fi
                ;;
        clear | fg | pid | restart | start | status | stop | tail | freeze | thaw | top | \
                all_start | all_start_args | start_args | local_status | sstatus | process_rules | \
                stop_process)
                i=$(_reevectl_processes "${call[@]}")
                ;;
        start_process | start_process_args | restart_process | test_start_process | \
                start_any_process | start_any_process_args)
                if ((position == 0)); then i=$_reevectl_strategies
                else i=$(_reevectl_processes "${call[@]}"); fi
                ;;
        start_application | restart_application | test_start_application)
                if ((position == 0)); then i=$_reevectl_strategies
                else i=$(_reevectl_applications "${call[@]}"); fi
                ;;
        stop_application | application_info | application_rules)
                i=$(_reevectl_applications "${call[@]}")
                ;;
        readmit | instance_status | sstate | end_sync) i=$(_reevectl_instances "${call[@]}") ;;
        conciliate) i="SENICIDE INFANTICIDE USER STOP RESTART RUNNING_FAILURE" ;;
        loglevel) i="critical error warn info debug trace blather" ;;
        enable_stats | disable_stats) i="host process all" ;;
        cluster) i=probe ;;
        latency) i=reset ;;
        events) i="supvisors instance application event process hstats pstats" ;;
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
