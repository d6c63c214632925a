"""A whole tree: what would change in each file, what is left, what could not be read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from legacy.codemods.change import Change
from legacy.codemods.descent import built_on
from legacy.codemods.migration import migrated
from legacy.codemods.tree import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What could not be read or written, and why. The rest went on."""

    path: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """`changes` are of the files that change or of which something is left."""

    files: int
    changes: Mapping[Path, Change]
    troubles: tuple[Trouble, ...]


def surveyed(paths: Sequence[str]) -> Survey:
    found, troubles = _found(paths)
    sources: dict[Path, bytes] = {}
    for path in found:
        try:
            sources[path] = path.read_bytes()
        except OSError as error:
            troubles.append(Trouble(path=str(path), said=f"cannot be read: {error.strerror}"))
    descent = built_on((str(path), source) for path, source in sources.items())
    changes = {path: migrated(source, descent) for path, source in sources.items()}
    troubles += [Trouble(path=str(path), said=each.trouble) for path, each in changes.items() if each.trouble]
    told = {path: each for path, each in changes.items() if each.changed or each.left}
    return Survey(files=len(sources), changes=told, troubles=tuple(troubles))


def _found(paths: Sequence[str]) -> tuple[list[Path], list[Trouble]]:
    found: dict[Path, None] = {}
    troubles = []
    for said in paths:
        path = Path(said)
        try:
            if not path.exists():
                troubles.append(Trouble(path=said, said="there is no such file or folder"))
                continue
            found |= dict.fromkeys(files(path))
        except OSError as error:
            troubles.append(Trouble(path=str(error.filename or said), said=f"cannot be read: {error.strerror}"))
    return list(_once(found)), troubles


def _once(paths: Mapping[Path, None]) -> Iterator[Path]:
    """Each file once, however many of the paths it is below."""
    seen: set[Path] = set()
    for path in paths:
        real = path.resolve()
        if real not in seen:
            seen.add(real)
            yield path
