"""`python -m tests.parts COMMAND …`: the command with DATABASE_URL and REDIS_URL of private servers of its own."""

import os
import subprocess
import sys

from tests.parts.postgresql import postgresql
from tests.parts.redis import redis


def main() -> int:
    with postgresql() as database, redis() as bell:
        # Without a pool: threads of tests come and go, and do not give back what they took.
        urls = {"DATABASE_URL": database.owner, "REDIS_URL": bell.url, "NETRA_DATABASE_CONNECTIONS": "0"}
        return subprocess.run(sys.argv[1:], env=os.environ | urls).returncode


if __name__ == "__main__":
    sys.exit(main())
