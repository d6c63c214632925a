"""The cost of `check_isolation` above parsing: a tree checked, against the same files given to `ast.parse`.

The two take turns file by file, so that a slow moment of the machine hits both. Prints lines per second of processor
time and the ratio. `python -m benchmarks.analyser [PATH]`, by default the standard library"""

import argparse
import ast
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

from legacy.analysis.scan import FileSelection, check_source, read_source, walk_tree


def load_sources(tree: Path) -> list[tuple[str, str]]:
    """Name and text of what can be parsed at all."""
    found = []
    for place in walk_tree(tree, FileSelection(tests=True)):
        source = None if place.is_skipped else read_source(place.path)
        if isinstance(source, str):
            try:
                ast.parse(source)
            except (SyntaxError, ValueError):
                continue
            found.append((place.display_name, source))
    return found


def measure_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, default=Path(sysconfig.get_path("stdlib")))
    files = load_sources(parser.parse_args().path)
    lines = sum(len(source.splitlines()) for _, source in files)
    parsing = checking = 0.0
    for name, source in files:
        parsing += measure_seconds(lambda source=source: ast.parse(source))  # type: ignore[misc]
        checking += measure_seconds(lambda name=name, source=source: check_source(name, source))  # type: ignore[misc]
    print(f"{len(files):,} files, {lines:,} lines")
    print("            lines/s   s for 100,000 lines")
    for what, spent in (("ast.parse", parsing), ("check", checking)):
        print(f"{what:9} {lines / spent:9,.0f} {spent / lines * 100_000:21.1f}")
    print(f"ratio     {checking / parsing:9.2f}")


if __name__ == "__main__":
    main()
