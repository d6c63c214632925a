"""`python -m tests.faults.clients.growth COUNT SIZE USER…`: COUNT events of SIZE characters for each user."""

import sys
from collections.abc import Sequence
from uuid import UUID, uuid4

import django

AT_ONCE = 100  # events in one transaction


def main(count: int, size: int, users: Sequence[UUID]) -> None:
    django.setup()
    from core.db import as_user
    from core.events import WorkloadChanged
    from core.stream import append

    for start in range(0, count, AT_ONCE):
        for user in users:
            told = [
                WorkloadChanged(workload_id=uuid4(), name=f"{number}:".ljust(size, "x"), state="ready")
                for number in range(start, min(count, start + AT_ONCE))
            ]
            with as_user(user, atomic=True):
                append.append_events(user, *told, publish=append.publish_to_nobody)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), [UUID(each) for each in sys.argv[3:]])
