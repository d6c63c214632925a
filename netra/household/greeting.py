"""What a start says on the terminal once the server answers."""

from collections.abc import Iterator
from pathlib import Path

from netra.environment import Environment
from netra.household.people import kept_in, tell_people

LAST = "Ctrl-C stops it; everything is kept."


def greeting(environment: Environment, host: str, sample: Path | None) -> Iterator[str]:
    """Line by line; in production the address alone."""
    origin = next(iter(environment.allowed_origins), f"http://{host}:{environment.port}")
    yield f"Netra is at {origin}/"
    if not environment.production:
        yield from _people(environment, origin)
    if sample is not None:
        yield f"A log to bring: {_short(sample)}"
    yield LAST


def _people(environment: Environment, origin: str) -> Iterator[str]:
    people = tuple(tell_people(environment.data_dir))
    if people:
        yield ""
        for person in people:
            told = person.password or "(changed by its owner)"
            yield f"  {person.name:<6} {told:<22}{f'  operator: {origin}/admin/' if person.operator else ''}".rstrip()
        yield f"\nMade up for this machine and kept in {_short(kept_in(environment.data_dir))}."


def _short(path: Path) -> str:
    """As seen from here, where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
