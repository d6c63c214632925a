"""Exceptions, with and without a reason."""

MESSAGES_SENT = {}  # netra: allow[module-state] counts by kind, nobody's

# netra: allow[dropped-task, module-state] told in the log, ends with the process;
# two lines of comment
RESULTS = []

# netra: allow[module-state]  # expect: unexplained-allow
RUNS = []  # expect: module-state
TEXT = "# netra: allow[module-state]"
HISTORY = []  # netra: allow[class-state] another rule  # expect: module-state


def note(kind, run):
    MESSAGES_SENT[kind] = 1
    RESULTS.append(run)
    RUNS.append(run)
    HISTORY.append(run)
