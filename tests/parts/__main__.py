"""`python -m tests.parts COMMAND …`: the command with DATABASE_URL and REDIS_URL of private servers of its own.

Where one is not installed nothing is run: said, and an error where every part is required (NETRA_NO_SKIPS).
"""

import os
import subprocess
import sys

from tests.parts import postgresql, redis


def main() -> int:
    missing = [
        name
        for name, there in (("postgresql", postgresql.find_programs()), ("redis-server", redis.is_installed()))
        if not there
    ]
    if missing:
        sys.stderr.write(f"Not installed, so nothing runs on it: sudo apt-get install {' '.join(missing)}\n")
        return 1 if os.environ.get("NETRA_NO_SKIPS") else 0
    with postgresql.postgresql() as database, redis.redis() as bell:
        # Without a pool: threads of tests come and go, and do not give back what they took.
        urls = {"DATABASE_URL": database.application, "DATABASE_OWNER_URL": database.owner}
        environment = os.environ | urls | {"REDIS_URL": bell.url, "NETRA_DATABASE_CONNECTIONS": "0"}
        # Once for all test processes, whose databases are copies of this one.
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--settings", "tests.settings"]
        subprocess.run(migrate, env=environment, check=True)
        return subprocess.run(sys.argv[1:], env=environment | {"TEST_TEMPLATE": database.name}).returncode


if __name__ == "__main__":
    sys.exit(main())
