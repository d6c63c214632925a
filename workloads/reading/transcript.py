"""A copy in plain UTF-8, with one kind of line ending, of a file that DuckDB's readers would not take as it is."""

import codecs
import gzip
import io
import zlib
from dataclasses import replace
from pathlib import Path

from netra.core.exceptions import BadInput
from netra.language.text import text
from workloads.detect import Kind, RawFile, chunks
from workloads.reading.lines import endings


def in_utf8(raw: RawFile, work: Path) -> RawFile:
    """`raw` itself if DuckDB takes it, else a decompressed UTF-8 copy of it in the directory `work`."""
    if raw.encoding in {"", "utf-8"} and not raw.gzipped and _even(raw):
        return raw
    copy = work / "transcript"
    try:
        _transcribe(raw, copy)
    except UnicodeDecodeError as error:
        words = text("The file says that it is {encoding}, but breaks its rules.", encoding=raw.encoding.upper())
        raise BadInput(words) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInput(text("The gzip file is damaged or was cut off.")) from error
    return replace(raw, path=copy, encoding="utf-8", gzipped=False)


def _even(raw: RawFile) -> bool:
    return raw.kind is not Kind.CSV or endings(raw.path, gzipped=raw.gzipped).even


def _transcribe(raw: RawFile, copy: Path) -> None:
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(raw.encoding)(), raw.kind is Kind.CSV)
    with copy.open("w", encoding="utf-8", newline="") as target:
        for chunk in chunks(raw.path, gzipped=raw.gzipped, bounds=raw.bounds):
            target.write(decoder.decode(chunk))
        target.write(decoder.decode(b"", final=True))
