"""One module for each kind of answer: figures, groups, comparisons, causes, what could be, lists, messages."""
