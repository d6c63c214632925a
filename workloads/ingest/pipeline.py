"""Ingest a log: any supported file becomes one DuckDB file with the tables `requests` and `source`.

Everything is set-based SQL that spills to disk; no row passes through Python."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from core.i18n.text import Text, text
from workloads.ingest.bounds import DEFAULT_BOUNDS, Bounds, check_cells, check_rows, count_parquet_rows
from workloads.ingest.column_names import Examples, describe_planned
from workloads.ingest.columns.periods import write_period_starts
from workloads.ingest.containers import unpack
from workloads.ingest.database import (
    build_columns_ddl,
    connect,
    lock_down,
    quote_literal,
    translate_errors,
    write_source,
)
from workloads.ingest.detection import FileKind, RawFile, choose_format, examine_file
from workloads.ingest.log_names import store_names
from workloads.ingest.mapping import ColumnMapping, resolve_mapping
from workloads.ingest.preview import Preview
from workloads.ingest.progress import (
    ProgressWatch,
    ReportProgress,
    enable_measuring,
    ignore_progress,
    measure_file,
    measure_query,
    watch_progress,
)
from workloads.ingest.reading import macros
from workloads.ingest.reading.kept_columns import choose_candidates, write_kept
from workloads.ingest.reading.numbers import describe_derived, detect_number_format
from workloads.ingest.reading.remarks import list_remarks
from workloads.ingest.reading.rows import list_endings, type_rows
from workloads.ingest.reading.source import build_source, list_mapping_notes, list_rejections, require_rows
from workloads.ingest.reading.staging import count_rows, stage_cells
from workloads.ingest.reading.sums import mark_sums
from workloads.ingest.reading.table import FileTable, open_table
from workloads.ingest.reading.text_files import MAX_REPAIRS, copy_without_marks, find_open_quotes, to_utf8
from workloads.ingest.reading.times import build_timeless_format, detect_time_format
from workloads.ingest.reading.tokens import list_token_notes, split_tokens
from workloads.ingest.reading.totals.outline_groups import carry_outline
from workloads.ingest.reshaping.opening import open_mapped
from workloads.ingest.schema import REQUEST_COLUMNS, LogSource, Rejection

MEMORY = "300MB"
THREADS = 2


def ingest_file(
    path: Path,
    out: Path,
    *,
    format: str | None,
    mapping: Mapping[str, str],
    name: str,
    on_preview: Callable[[Preview], None] | None = None,
    on_progress: ReportProgress = ignore_progress,
    scratch: int | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
) -> LogSource:
    """Read the log at `path` into a new DuckDB file at `out`, replaced if it exists; `name` is the user's file name.

    `format`: a key of FORMATS, or None to detect it from the columns. `mapping`: field to column; overrides the
    format's own. `on_preview` gets the columns as soon as they are known, whatever happens afterwards; a thread of its
    own calls `on_progress`. Works in its own directory beside `out`, so that a failure leaves no files, and spills at
    most `scratch` bytes. Raises BadInput with the file's error, StorageFull if the disk is full.
    """
    with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as work:
        with translate_errors(name), watch_progress(on_progress) as progress:
            source = _ingest_into(
                path,
                Path(work),
                form=format,
                given_mapping=mapping,
                name=name,
                on_preview=on_preview,
                progress=progress,
                scratch=scratch,
                bounds=bounds,
            )
        os.replace(_get_database_path(Path(work)), out)
    return source


def _get_database_path(work: Path) -> Path:
    return work / "log.duckdb"


def _ingest_into(
    path: Path,
    work: Path,
    *,
    form: str | None,
    given_mapping: Mapping[str, str],
    name: str,
    on_preview: Callable[[Preview], None] | None,
    progress: ProgressWatch,
    scratch: int | None,
    bounds: Bounds,
) -> LogSource:
    progress.begin("file", partial(measure_file, path))
    path, container_notes = unpack(path, work, bounds)
    original = examine_file(path, bounds)
    raw = to_utf8(link_input(original, work), work)
    con = connect(work / "spill", memory=MEMORY, threads=THREADS, scratch=scratch)
    try:
        enable_measuring(con)
        restrict_access(con, raw, work)
        macros.install_macros(con, macros.select_macros("value(cell)"))
        map_columns = partial(_map_columns, form=form, given=given_mapping)
        opened = open_mapped(con, raw, work, map_columns=map_columns, on_preview=on_preview)
        raw, table, mapping = opened.raw, opened.table, opened.mapping
        if raw.kind is FileKind.PARQUET:
            check_cells(count_parquet_rows(con, quote_literal(str(raw.path))), len(mapping.columns), raw.bounds)
        candidates = choose_candidates(con, table, mapping)
        progress.begin("rows", measure := partial(measure_query, con))
        stage = partial(stage_cells, con, mapping=mapping, candidates=candidates)
        broken = _stage_repaired(con, table, stage, raw, work)
        outline = carry_outline(con, mapping) if mapping.format.is_guessed else ()
        progress.begin("checks", lambda: None)  # of many queries, whose shares would go back and forth
        notes = (*container_notes, *_list_encoding_notes(original), *opened.notes, *outline)
        source = _convert_to_requests(con, table, mapping, candidates, broken=broken, name=name, known_notes=notes)
        progress.begin("storing", measure)
        return _write_requests(con, source, candidates)
    finally:
        con.close()


def _map_columns(table: FileTable, examples: Examples, *, form: str | None, given: Mapping[str, str]) -> ColumnMapping:
    return resolve_mapping(choose_format(table.columns, form, examples), table.columns, given, examples)


def link_input(original: RawFile, work: Path) -> RawFile:
    """Link the file under our own name, because DuckDB would interpret patterns and suffixes in the user's."""
    link = work / "input"
    link.symlink_to(original.path.absolute())
    return replace(original, path=link)


def restrict_access(con: duckdb.DuckDBPyConnection, raw: RawFile, work: Path) -> None:
    con.execute(f"SET allowed_paths = [{quote_literal(str(raw.path))}, {quote_literal(str(raw.path.resolve()))}]")
    con.execute(f"SET allowed_directories = [{quote_literal(str(work))}]")
    con.execute("SET enable_external_access = false")  # permanent: DuckDB does not allow switching it on again
    con.execute(f"ATTACH {quote_literal(str(_get_database_path(work)))} AS log")


def _stage_repaired(
    con: duckdb.DuckDBPyConnection,
    table: FileTable,
    stage: Callable[[FileTable], tuple[Rejection, ...]],
    raw: RawFile,
    work: Path,
) -> tuple[Rejection, ...]:
    """Stage the table. As long as an unclosed quotation mark swallows rows, repair a copy and stage that."""
    broken = stage(table)
    check_rows(count_rows(con), raw.bounds)
    for repair in range(MAX_REPAIRS):
        starts = find_open_quotes(con) if broken else ()
        if not starts:
            break
        repaired = replace(raw, path=work / f"repaired{repair % 2}")
        copy_without_marks(raw.path, starts, repaired.path)
        raw = repaired
        reopened = open_table(con, raw)
        cells = {column: table.top_level.get(column, cell) for column, cell in reopened.top_level.items()}
        broken = stage(replace(reopened, nested=table.nested, top_level=cells))
    return broken


def _convert_to_requests(
    con: duckdb.DuckDBPyConnection,
    table: FileTable,
    mapping: ColumnMapping,
    candidates: Sequence[str],
    *,
    broken: tuple[Rejection, ...],
    name: str,
    known_notes: tuple[Text, ...],
) -> LogSource:
    # Rows are numbered now, and nothing relies on the order of a table any more.
    con.execute("SET preserve_insertion_order = false")
    lock_down(con)
    numbers = detect_number_format(con, mapping)
    macros.install_macros(con, numbers.macros)
    if mapping.times.has_periods:
        write_period_starts(con)
    clock = (
        detect_time_format(con, mapping.format.clock, mapping.columns["time"], list_endings(mapping))
        if "time" in mapping.columns
        else build_timeless_format(con)
    )
    tokens = split_tokens(con, mapping, numbers)
    rules = type_rows(con, mapping, numbers, clock, tokens, candidates=candidates)
    sums = mark_sums(con, mapping, table.top_level)
    rejected = (*broken, *list_rejections(con, rules))
    require_rows(con, mapping, rejected, rules)
    notes = (
        *known_notes,
        *list_mapping_notes(mapping),
        *describe_derived(mapping),
        *describe_planned(table.columns, mapping.columns.values()),
        *clock.notes,
        *list_token_notes(con, mapping, tokens),
        *sums,
        *list_remarks(con, mapping, numbers),
    )
    return build_source(con, table, mapping, name=name, numbers=numbers, clock=clock, rejected=rejected, notes=notes)


def _list_encoding_notes(raw: RawFile) -> tuple[Text, ...]:
    return (text("The file is not UTF-8, so it was read as Latin-1."),) if raw.encoding == "latin-1" else ()


def _write_requests(con: duckdb.DuckDBPyConnection, source: LogSource, candidates: Sequence[str]) -> LogSource:
    """Write the database `log`. Returns the source, complete with the columns that were kept."""
    con.execute("DROP TABLE stage")  # to free its memory
    con.execute(f"CREATE TABLE log.requests ({build_columns_ddl()})")
    columns = ", ".join(f'"{column}"' for column in REQUEST_COLUMNS)
    con.execute(f"INSERT INTO log.requests SELECT {columns} FROM typed WHERE why IS NULL")
    store_names(con)
    kept = write_kept(con, candidates)
    source = replace(source, kept=kept, ignored=tuple(name for name in source.ignored if name not in kept))
    write_source(con, source)
    con.execute("DETACH log")
    return source
