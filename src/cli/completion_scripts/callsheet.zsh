#compdef callsheet
# Completions of callsheet for zsh. `compadd` quotes what it is given; each line of the answer is a value, a tab, a description.
_clap_dynamic_completer_callsheet() {
    local line value text
    local -i width=0
    local -a values shown folders
    for line in "${(@f)$(COMPLETE=zsh command callsheet -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        value=${line%%$'\t'*}
        if [[ $value == */ ]]; then
            folders+=("$value")
        elif [[ -n $value ]]; then
            values+=("$value")
            shown+=("$line")
            text=${(V)value}
            (( ${(m)#text} > width )) && width=${(m)#text}
        fi
    done
    local -i index
    for (( index = 1; index <= $#values; index++ )); do
        text=${(V)values[index]}
        [[ $shown[index] == *$'\t'* ]] && text="${(mr:width:)text}  -- ${shown[index]#*$'\t'}"
        shown[index]=$text
    done
    (( $#folders )) && compadd -V folders -S '' -- "${folders[@]}"
    (( $#values )) && compadd -V values -l -d shown -- "${values[@]}"
}
compdef _clap_dynamic_completer_callsheet callsheet

# zsh takes `name[` for the subscript of a parameter and then asks no command. So Tab first quotes the bracket of a key.
_callsheet_complete_word() {
    setopt localoptions extendedglob
    local word=${LBUFFER##*[[:space:]]}
    if [[ $LBUFFER == (|*[[:space:]\;\|\&\(])callsheet[[:space:]][^\;\|\&]# && $word == [^][\\\'\"\$\`]##\[[^][\\\'\"\$\`]# ]]; then
        LBUFFER="${LBUFFER%\[*}\\[${LBUFFER##*\[}"
    fi
    zle "$_callsheet_tab_widget"
}
if [[ -o zle && -z ${_callsheet_tab_widget-} ]]; then
    typeset -g _callsheet_tab_widget=${$(bindkey '^I')[2]}
    # Tab may also be bound to a text.
    if (( ${+widgets[$_callsheet_tab_widget]} )); then
        zle -N _callsheet_complete_word
        bindkey '^I' _callsheet_complete_word
    fi
fi
