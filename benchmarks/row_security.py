"""What row-level security costs on PostgreSQL: the same work by the application's role, with and without policies.

"Without" is the owner filter alone: no policies, no user and no role in the transaction. "Transaction" names the user
or takes the writer's role, on tables without policies. "With" is what Netra does. The three take turns, on a private
PostgreSQL. Prints medians and the ratio of the last to the first.
`python -m benchmarks.row_security [--users N] [--rounds N]`."""

import argparse
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from itertools import cycle, islice
from typing import Any
from uuid import UUID, uuid4

from benchmarks.measurement import percentile
from tests.parts.postgresql import postgresql

TURN, WARM_UP = 40, 10  # executions in a turn; the first are not counted, as their statements are planned anew
EVENTS, THREADS = 100, 20  # of each user
BATCH_USERS = 100  # with five events each

Context = Callable[[UUID], AbstractContextManager[Any]]
Work = Callable[[Context, list[UUID]], None]


def create_rows(count: int) -> list[UUID]:
    from agents.models import Thread  # noqa: PLC0415  # all of Django's after its settings are known
    from core.db import as_all_users  # noqa: PLC0415
    from core.models import Event, User, UserStream  # noqa: PLC0415

    users = [User(username=f"user-{n}", username_key=f"user-{n}") for n in range(count)]
    streams = [UserStream(owner=user, head=EVENTS) for user in users]
    User.objects.bulk_create(users)
    with as_all_users():
        UserStream.objects.bulk_create(streams)
        for stream in streams:
            of_user = {"owner_id": stream.owner_id, "epoch": stream.epoch, "type": "thread_deleted", "payload": {}}
            at = users[0].date_joined
            Event.objects.bulk_create([Event(**of_user, seq=n, at=at) for n in range(1, EVENTS + 1)])
            Thread.objects.bulk_create([Thread(owner_id=stream.owner_id, title="A title") for _ in range(THREADS)])
    return [user.id for user in users]


def list_threads(context: Context, user_ids: list[UUID]) -> None:
    from agents.models import Thread  # noqa: PLC0415

    with context(user_ids[0]):
        list(Thread.objects.for_user(user_ids[0]).order_by("-updated_at")[:THREADS])


def read_events(context: Context, user_ids: list[UUID]) -> None:
    from django.db import connection  # noqa: PLC0415

    from core.models import UserStream  # noqa: PLC0415
    from core.stream.read import select_payloads  # noqa: PLC0415

    with context(user_ids[0]), connection.cursor() as cursor:
        stream = UserStream.objects.get(owner_id=user_ids[0])
        select_payloads(cursor, user_ids[0], stream.epoch, 0, EVENTS)


def rename_thread(context: Context, user_ids: list[UUID]) -> None:
    from django.db import transaction  # noqa: PLC0415

    from agents.models import Thread  # noqa: PLC0415

    with context(user_ids[0]), transaction.atomic():
        thread = Thread.objects.for_user(user_ids[0]).select_for_update().order_by("-updated_at")[:1].get()
        thread.save(update_fields=["title"])


def commit_batch(context: Context, user_ids: list[UUID]) -> None:
    from core.events import ThreadDeleted  # noqa: PLC0415
    from core.stream.append import append_events_by_user, publish_to_nobody  # noqa: PLC0415

    with context(user_ids[0]):
        events = {user_id: [ThreadDeleted(thread_id=uuid4())] * 5 for user_id in user_ids}
        append_events_by_user(events, publish=publish_to_nobody)


USERS_WORK: tuple[tuple[str, Work], ...] = (
    ("list 20 conversations", list_threads),
    ("read 100 events", read_events),
    ("rename a conversation", rename_thread),
)


def switch_policies(*, on: bool) -> None:
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from core.db import list_owned_tables  # noqa: PLC0415
    from netra.bootstrap.database import connected_as_owner  # noqa: PLC0415

    with connected_as_owner(settings.NETRA), connection.cursor() as cursor:
        for table in list_owned_tables():
            cursor.execute(f"ALTER TABLE {table} {'ENABLE' if on else 'DISABLE'} ROW LEVEL SECURITY")


def measure(work: Work, plain: Context, secured: Context, batches: list[list[UUID]], rounds: int) -> list[float]:
    """The median in milliseconds of each of the three."""
    taken: tuple[list[float], ...] = ([], [], [])
    users = cycle(batches)
    for _ in range(rounds):
        for number, (context, on) in enumerate(((plain, False), (secured, False), (secured, True))):
            switch_policies(on=on)
            for execution, user_ids in enumerate(islice(users, TURN)):
                began = time.perf_counter()
                work(context, user_ids)
                if execution >= WARM_UP:
                    taken[number].append((time.perf_counter() - began) * 1000)
    return [percentile(each, 0.5) for each in taken]


def run_benchmark(options: argparse.Namespace) -> None:
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from core.db import as_user, as_writer  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    ids = create_rows(max(options.users, BATCH_USERS))
    single, batches = [[user_id] for user_id in ids], [ids[:BATCH_USERS]]
    rows = [
        (name, measure(work, lambda _: nullcontext(), as_user, single, options.rounds)) for name, work in USERS_WORK
    ]
    plain = measure(commit_batch, lambda _: transaction.atomic(), lambda _: as_writer(), batches, options.rounds)
    print("| work | without (ms) | transaction (ms) | with (ms) | ratio |\n|---|---|---|---|---|")
    for name, medians in [*rows, ("commit 500 events of 100 users", plain)]:
        shown = " | ".join(f"{each:.2f}" for each in medians)
        print(f"| {name} | {shown} | {medians[2] / medians[0]:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with postgresql(durable=True) as database:
        os.environ |= {"DATABASE_URL": database.application, "DATABASE_OWNER_URL": database.owner}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "netra.settings", "NETRA_SECRET_KEY": "of this benchmark " * 4}
        run_benchmark(options)


if __name__ == "__main__":
    main()
