"""A file may be excused as a whole."""
# netra: allow-file[module-state] a fixture of one process and one user

MESSAGES = []
RESULTS = {}


def note(kind, run):
    MESSAGES.append(kind)
    RESULTS[kind] = run
