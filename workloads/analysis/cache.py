"""The answers about a log: those of one process, and the cache of earlier ones in files beside the log.

There is one JSON file for each set of assumptions, day of prices, price file and version of the code, in a folder that
is deleted with the log. An answer that cannot be read is computed again."""

import hashlib
import json
import logging
from dataclasses import asdict, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from core.files import draft_file
from workloads.analysis.answers import (
    MAX_BYTES,
    Question,
    SharedAnswers,
    from_plain,
    to_plain,
)
from workloads.exact_json import dump_exact, load_exact
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.price_file import PriceFile

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_FILES = 8  # files for one log; the oldest are deleted

QUERY_FOLDER, MAX_QUERIES, MAX_QUERY_BYTES = "queries", 200, 200_000
"""Answers to queries have a file each: how many are kept for one log, and the largest."""

CODE_FOLDER = Path(__file__).parent.parent
CODE_FILES = tuple(sorted(CODE_FOLDER.rglob("*.py")))
"""All of workloads, because any change of a price, a lever or a reader can change figures."""


def _hash_code() -> str:
    """Return a hash over all code that computes figures, so that no cached answer outlives that code."""
    digest = hashlib.sha256()
    for file in CODE_FILES:
        digest.update(file.relative_to(CODE_FOLDER).as_posix().encode() + file.read_bytes())
    for package in ("duckdb", "genai-prices"):
        digest.update(f"{package} {version(package)}".encode())
    return digest.hexdigest()


CODE_HASH = _hash_code()


class AnswerCache:
    """The answers about the workload file at `path` under one set of assumptions and prices on one day.

    Nothing is saved if `folder` does not exist: the log was deleted or never had one. What it lacks may be `shared`
    with other machines.
    """

    def __init__(
        self,
        folder: Path,
        path: Path,
        assumptions: Assumptions,
        day: date,
        price_file: PriceFile | None = None,
        *,
        shared: SharedAnswers | None = None,
    ) -> None:
        self._folder = folder
        self._shared = shared
        prices = None if price_file is None else price_file.fingerprint
        identity = json.dumps(
            [CODE_HASH, _identify_file(path), day.isoformat(), prices, asdict(_drop_goals(assumptions))],
            default=str,
            sort_keys=True,
        )
        self._file = folder / f"{hashlib.sha256(identity.encode()).hexdigest()[:32]}.json"
        self._loaded: dict[str, Any] | None = None
        self._is_changed = False

    def __bool__(self) -> bool:
        return bool(self._answers)

    @property
    def _answers(self) -> dict[str, Any]:
        """The answers of the file, which is read when one of them is asked for first."""
        if self._loaded is None:
            self._loaded = self._read(self._file)
        return self._loaded

    def get(self, question: Question, kind: type[T]) -> T | None:
        """Return the cached answer to `question`, or None."""
        key = _to_key(question)
        plain = (self._read(self._get_query_file(key)) if _is_query(question) else self._answers).get(key)
        if plain is None:
            return None
        try:
            return from_plain(plain, kind)
        except ValidationError:
            log.exception("a cached answer is invalid: it is computed again")
            return None

    def put(self, question: Question, answer: object) -> None:
        if _is_query(question):
            self._save_query(_to_key(question), to_plain(answer))
            return
        self._answers[_to_key(question)] = to_plain(answer)
        self._is_changed = True

    def save(self) -> None:
        """Write the file. If the disk is full, the next run computes the answers again."""
        if not (self._is_changed and self._folder.is_dir()):
            return
        try:
            self._write(self._file, dump_exact(self._answers), MAX_FILES)
        except OSError:
            log.warning("answers about a log could not be saved", exc_info=True)
        self._is_changed = False

    def _read(self, file: Path) -> dict[str, Any]:
        """Return the answers of a file, and fetch it first if another machine has shared it."""
        if self._shared is not None and self._folder.is_dir() and not file.exists():
            content = self._shared.get(self._name(file))
            if content is not None and len(content) <= MAX_BYTES:
                file.parent.mkdir(mode=0o700, exist_ok=True)
                with draft_file(file, replace=True, sync=False) as draft:
                    draft.write_bytes(content)
        return _read_answers(file, MAX_BYTES)

    def _write(self, file: Path, content: str, most: int) -> None:
        """Write a file, of which the folder keeps the latest `most`, and share it."""
        with draft_file(file, replace=True, sync=False) as draft:
            draft.write_text(content, encoding="utf-8")
        _delete_oldest(file.parent, most)
        if self._shared is not None:
            self._shared.put(self._name(file), content.encode())

    def _name(self, file: Path) -> str:
        return file.relative_to(self._folder).as_posix()

    def _get_query_file(self, key: str) -> Path:
        """Return the file of one answer to a query. There may be many, and a question needs only its own."""
        name = f"{self._file.stem}-{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
        return self._folder / QUERY_FOLDER / name

    def _save_query(self, key: str, plain: Any) -> None:
        """Write the answer to a query, unless it is too large to be kept. The oldest ones make room."""
        content = dump_exact({key: plain})
        if len(content) > MAX_QUERY_BYTES or not self._folder.is_dir():
            return
        try:
            file = self._get_query_file(key)
            # Not its parents: a log that is being deleted would get its folder back.
            file.parent.mkdir(mode=0o700, exist_ok=True)
            self._write(file, content, MAX_QUERIES)
        except OSError:
            log.warning("an answer about a log could not be saved", exc_info=True)


def _is_query(question: Question) -> bool:
    return question[0] == "query"


def _read_answers(path: Path, limit: int) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(limit + 1)
        answers = load_exact(text) if len(text) <= limit else {}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        log.warning("cached answers about a log could not be read", exc_info=True)
        return {}
    return answers if isinstance(answers, dict) else {}


def _delete_oldest(folder: Path, most: int) -> None:
    for old in sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime)[:-most]:
        old.unlink(missing_ok=True)


def _drop_goals(assumptions: Assumptions) -> Assumptions:
    """Return the assumptions without goals, which no cached answer depends on."""
    return replace(assumptions, constraints=replace(assumptions.constraints, goal_usd=None, latency_limit=None))


def _identify_file(path: Path) -> tuple[int, ...]:
    """Return what identifies a file that is replaced as a whole and never changed, and its copies on other machines;
    empty if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return ()
    return (status.st_size, status.st_mtime_ns)


def _to_key(question: Question) -> str:
    return json.dumps(question)
