# Completions of callsheet for bash. `callsheet` quotes what it offers, so nothing here may split or expand it again.
_clap_complete_callsheet() {
    local IFS=' ' candidate
    local line="${COMP_LINE:0:COMP_POINT}"
    # Some wrappers set the words only.
    [[ -n $line ]] || line="${COMP_WORDS[*]:0:COMP_CWORD} $2"
    COMPREPLY=()
    while IFS= read -r candidate; do
        [[ -z $candidate ]] || COMPREPLY+=("$candidate")
    done <<<"$(COMPLETE=bash command callsheet -- "$line" "$2" 2>/dev/null)"
    # A folder is followed by its files, and `=` by a value.
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -o bashdefault -o nosort -F _clap_complete_callsheet callsheet
else
    complete -o bashdefault -F _clap_complete_callsheet callsheet
fi
