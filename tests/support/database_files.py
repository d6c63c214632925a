"""What is in the files of the test's SQLite database."""

import subprocess
import sys
from pathlib import Path

from django.db import connection

LOOK = "import sys; print(*[path for path in sys.argv[2:] if sys.argv[1].encode() in open(path, 'rb').read()])"


def find_in_database_files(words: str) -> list[str]:
    """Return those of the files that contain the words.

    Another process looks: when one closes a file, it loses all its locks on it, SQLite's too, in all its threads. The
    next process that uses the database would then take it for its own, and remove its journal.
    """
    name = str(connection.settings_dict["NAME"])
    there = [path for path in (name, f"{name}-wal") if Path(path).exists()]
    command = [sys.executable, "-S", "-c", LOOK, words, *there]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
