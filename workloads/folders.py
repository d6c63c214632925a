"""Folders of an installation that only its own account may look into."""

from pathlib import Path


def private(folder: Path) -> Path:
    """`folder`, made if need be, and every folder above it that had to be made too, closed to others."""
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)
    return folder
