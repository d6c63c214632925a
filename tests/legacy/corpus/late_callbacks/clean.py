"""Callbacks that hold their own user, and functions that are used at once."""

from functools import partial


async def notify_later(users, loop, send):
    for user in users:
        loop.call_later(5, lambda user=user: send(user))
        loop.call_later(5, partial(send, user))


def ordered(users, rank):
    for user in users:
        rows = sorted(user.rows, key=lambda row: rank(user, row))
        yield rows


def doubled(users):
    for user in users:

        def twice(count):
            return user.name * count

        yield twice(2)


def makers(run_ids):
    return [lambda run_id=run_id: run_id for run_id in run_ids]
