"""A copy in plain UTF-8 of a file that DuckDB's readers would not take as it is."""

import codecs
import gzip
import zlib
from dataclasses import replace
from pathlib import Path

from netra.core.exceptions import BadInput
from workloads.detect import RawFile, chunks


def in_utf8(raw: RawFile, work: Path) -> RawFile:
    """`raw` itself if it is Parquet or plain UTF-8, else a decompressed UTF-8 copy of it in the directory `work`."""
    if raw.encoding in {"", "utf-8"} and not raw.gzipped:
        return raw
    copy = work / "transcript"
    try:
        _transcribe(raw, copy)
    except UnicodeDecodeError as error:
        raise BadInput(f"The file says that it is {raw.encoding.upper()}, but breaks its rules.") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInput("The gzip file is damaged or was cut off.") from error
    return replace(raw, path=copy, encoding="utf-8", gzipped=False)


def _transcribe(raw: RawFile, copy: Path) -> None:
    decoder = codecs.getincrementaldecoder(raw.encoding)()
    with copy.open("w", encoding="utf-8", newline="") as target:
        for chunk in chunks(raw.path, gzipped=raw.gzipped):
            target.write(decoder.decode(chunk))
        target.write(decoder.decode(b"", final=True))
