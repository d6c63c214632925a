"""How many files this process may have open: each connection is one."""

import resource

OTHERS = 256
"""Files that are no connections: the database's, logs that are read, temporary ones."""


def room_for(connections: int) -> int:
    """How many of so many connections this process may have open, once its limit is raised as far as it needs to be
    and the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = raised_limit(connections + OTHERS, soft=soft, hard=hard)
    if allowed != soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return connections if allowed == resource.RLIM_INFINITY else max(1, min(connections, allowed - OTHERS))


def raised_limit(wanted: int, *, soft: int, hard: int) -> int:
    """The soft limit that is to hold: never a lower one than before, never above the hard one."""
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    return wanted if hard == resource.RLIM_INFINITY else max(soft, min(wanted, hard))
