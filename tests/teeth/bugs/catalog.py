"""All bugs that tests put in."""

from tests.teeth.bug import Bug
from tests.teeth.bugs import authority, erasing, front, hands, logs, runs, stream, tools, way, whose

BUGS: tuple[Bug, ...] = (
    *whose.BUGS,
    *stream.BUGS,
    *way.BUGS,
    *authority.BUGS,
    *runs.BUGS,
    *hands.BUGS,
    *tools.BUGS,
    *erasing.BUGS,
    *front.BUGS,
    *logs.BUGS,
)
