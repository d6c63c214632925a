"""How a file ends its lines. DuckDB takes one way a file: where two meet, as behind rows that another program appended,
it gives the whole file up."""

from dataclasses import dataclass
from pathlib import Path

from workloads.detect import chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Endings:
    """How often each way occurs, within cells too."""

    windows: int
    unix: int
    old_mac: int

    @property
    def even(self) -> bool:
        """Whether DuckDB and a program that counts lines see the same lines."""
        return not self.old_mac and not (self.windows and self.unix)


def endings(path: Path, *, gzipped: bool) -> Endings:
    """Counted over the whole file."""
    windows = feeds = returns = 0
    before = b""
    for chunk in chunks(path, gzipped=gzipped):
        windows += chunk.count(b"\r\n") + (before == b"\r" and chunk[:1] == b"\n")
        feeds += chunk.count(b"\n")
        returns += chunk.count(b"\r")
        before = chunk[-1:]
    return Endings(windows=windows, unix=feeds - windows, old_mac=returns - windows)
