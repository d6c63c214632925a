"""`python -m tests.faults.search WORD`: where an installation still has it, as JSON: rows of any table, files, Redis.

A program of its own: an installation is another one than the test's.
"""

import json
import os
import sys
from collections.abc import Iterator

import django


def in_redis(word: str) -> Iterator[str]:
    import redis

    if "REDIS_URL" not in os.environ:
        return
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        for key in client.scan_iter():
            if word.encode() in key + (client.dump(key) or b""):
                yield f"redis: {key!r}"


def main(word: str) -> None:
    django.setup()
    from django.conf import settings

    from tests.support.filled_rows import on_disk, rows_of

    found = [*rows_of([word]), *on_disk(settings.NETRA.data_dir, [word]), *in_redis(word)]
    sys.stdout.write(json.dumps([each[:400] for each in found]))


if __name__ == "__main__":
    main(sys.argv[1])
