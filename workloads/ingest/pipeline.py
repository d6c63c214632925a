"""Bring a log in: any supported file becomes one DuckDB file with the tables `requests` and `source`.

Everything is set-based SQL that spills to disk; no row passes through Python.
"""

import errno
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from netra.core.exceptions import BadInput, StorageFull
from netra.language.text import Text, text
from workloads.bounds import DEFAULT, Bounds, check_cells, check_rows, parquet_rows
from workloads.childlimits import means_full
from workloads.detect import Kind, RawFile, choose, examine
from workloads.mapping import Plan, resolve
from workloads.preview import Preview, preview
from workloads.reading import macros
from workloads.reading.clock import no_clock, read_clock
from workloads.reading.remarks import remarks
from workloads.reading.rows import type_rows
from workloads.reading.staging import count_rows, stage
from workloads.reading.strayquotes import MOST_TIMES, swallowing, without
from workloads.reading.summary import plan_notes, rejections, require_rows, summary
from workloads.reading.table import Table, open_table
from workloads.reading.tokens import buckets
from workloads.reading.transcript import in_utf8
from workloads.schema import REQUESTS, Rejection, Source
from workloads.store import columns_ddl, connect, lock, quoted, write_source

MEMORY = "300MB"
THREADS = 2


def ingest(
    path: Path,
    out: Path,
    *,
    format: str | None,
    mapping: Mapping[str, str],
    name: str,
    seen: Callable[[Preview], None] | None = None,
    scratch: int | None = None,
    bounds: Bounds = DEFAULT,
) -> Source:
    """Read the log at `path` into a new DuckDB file at `out` (replaced if there is one); `name` is the user's own.

    `format`: a key of FORMATS, or None to tell it from the columns. `mapping`: field to column, over what the format
    says. `seen` is shown the columns as soon as they are known, whatever comes of the rest. Works in a directory of its
    own beside `out`, so that a failure leaves nothing, and spills at most `scratch` bytes.
    Raises BadInput with what is wrong with the file, StorageFull if the disk is.
    """
    with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as work:
        with _told(name):
            source = _ingest(
                path,
                Path(work),
                form=format,
                mapping=mapping,
                name=name,
                seen=seen,
                scratch=scratch,
                bounds=bounds,
            )
        os.replace(_database(Path(work)), out)
    return source


def _database(work: Path) -> Path:
    return work / "log.duckdb"


def _ingest(
    path: Path,
    work: Path,
    *,
    form: str | None,
    mapping: Mapping[str, str],
    name: str,
    seen: Callable[[Preview], None] | None,
    scratch: int | None,
    bounds: Bounds,
) -> Source:
    found = examine(path, bounds)
    raw = in_utf8(_linked(found, work), work)
    con = connect(work / "spill", memory=MEMORY, threads=THREADS, scratch=scratch)
    try:
        _confine(con, raw, work)
        macros.install(con)
        table = open_table(con, raw)
        if seen is not None:
            seen(preview(con, table))
        plan = resolve(choose(table.columns, form), table.columns, mapping)
        if raw.kind is Kind.PARQUET:
            check_cells(parquet_rows(con, quoted(str(raw.path))), len(plan.columns), raw.bounds)
        broken = _staged(con, table, plan, raw, work)
        return _convert(con, table, plan, broken=broken, name=name, known=_encoding_note(found))
    finally:
        con.close()


def _linked(found: RawFile, work: Path) -> RawFile:
    """The file under a name of ours: DuckDB would read patterns and endings into the user's."""
    link = work / "input"
    link.symlink_to(found.path.absolute())
    return replace(found, path=link)


def _confine(con: duckdb.DuckDBPyConnection, raw: RawFile, work: Path) -> None:
    con.execute(f"SET allowed_paths = [{quoted(str(raw.path))}, {quoted(str(raw.path.resolve()))}]")
    con.execute(f"SET allowed_directories = [{quoted(str(work))}]")
    con.execute("SET enable_external_access = false")  # for good: DuckDB does not let it be switched on again
    con.execute(f"ATTACH {quoted(str(_database(work)))} AS log")


def _staged(
    con: duckdb.DuckDBPyConnection, table: Table, plan: Plan, raw: RawFile, work: Path
) -> tuple[Rejection, ...]:
    """Stage the table; again, of a mended copy, where an open quotation mark took rows along."""
    broken = stage(con, table, plan)
    check_rows(count_rows(con), raw.bounds)
    for time in range(MOST_TIMES):
        starts = swallowing(con) if broken else ()
        if not starts:
            break
        mended = replace(raw, path=work / f"mended{time % 2}")
        without(raw.path, starts, mended.path)
        raw = mended
        broken = stage(con, replace(open_table(con, raw), inner=table.inner), plan)
    return broken


def _convert(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    plan: Plan,
    *,
    broken: tuple[Rejection, ...],
    name: str,
    known: tuple[Text, ...],
) -> Source:
    # Each row knows its place by now, and nothing reads the order of a table.
    con.execute("SET preserve_insertion_order = false")
    lock(con)
    clock = read_clock(con, plan.format.clock, plan.columns["time"]) if "time" in plan.columns else no_clock()
    macros.install(con, clock.macros)
    tokens = buckets(con, plan)
    reasons = type_rows(con, plan, clock, tokens)
    rejected = (*broken, *rejections(con, reasons))
    require_rows(con, rejected)
    notes = (*known, *plan_notes(plan), *clock.notes, *tokens.notes, *remarks(con, plan))
    source = summary(con, table, plan, name=name, relative=clock.relative, rejected=rejected, notes=notes)
    _write(con, source)
    return source


def _encoding_note(raw: RawFile) -> tuple[Text, ...]:
    return (text("The file is not UTF-8: it was read as Latin-1."),) if raw.encoding == "latin-1" else ()


def _write(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    con.execute("DROP TABLE stage")  # its memory is wanted
    con.execute(f"CREATE TABLE log.requests ({columns_ddl()})")
    columns = ", ".join(f'"{column}"' for column in REQUESTS)
    con.execute(f"INSERT INTO log.requests SELECT {columns} FROM typed WHERE why IS NULL")
    write_source(con, source)
    con.execute("DETACH log")


@contextmanager
def _told(name: str) -> Iterator[None]:
    """What DuckDB or the disk says of a file, in the user's words. A fault in our own SQL stays what it is."""
    try:
        yield
    except (
        duckdb.ParserException,
        duckdb.BinderException,
        duckdb.CatalogException,
        duckdb.OutOfMemoryException,
    ) as error:
        if means_full(error):  # spilled all that it may
            raise StorageFull(text('"{name}" could not be stored: no room is left.', name=name)) from error
        raise
    except BadInput as error:
        words = text('"{name}": {problem}', name=name, problem=error.words)
        raise BadInput(words, in_terminal=error.in_terminal) from error
    except (duckdb.Error, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
            raise
        if isinstance(error, OSError) or means_full(error):
            raise StorageFull(text('"{name}" could not be stored: no room is left.', name=name)) from error
        detail = re.sub(r"(?<!\w)[\"']?/[^\s\"']+[\"']?", "the file", str(error).partition("\n")[0])[:300]
        words = text(
            '"{name}" could not be read: it is damaged, cut off or not what it seems ({detail}).',
            name=name,
            detail=detail,
        )
        raise BadInput(words) from error
