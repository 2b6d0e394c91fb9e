# Completions of callsheet for fish, which quotes what it is given; each line of the answer is a value, a tab, a description.
complete --keep-order --exclusive --command callsheet --arguments "(COMPLETE=fish command callsheet -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor) 2>/dev/null)"
