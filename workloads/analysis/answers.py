"""Questions and answers about a log. Their JSON is exact to the last digit, and its texts can still be translated."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter

from core.i18n.text import to_json
from workloads.analysis.allocation import Allocation
from workloads.analysis.combination import Combination
from workloads.analysis.estimate import Estimate
from workloads.analysis.prefix_cache import PrefixCache
from workloads.analysis.private_values import PrivateWords
from workloads.analysis.profile import LogSpan, Profile
from workloads.analysis.scope import Scope
from workloads.analysis.spend import LogSpend
from workloads.checks.check import Checks
from workloads.exact_json import dump_exact
from workloads.focus.usage import FocusUsage
from workloads.ingest.schema import LogSource
from workloads.invoices.invoice import BilledCosts, Reconciliation
from workloads.levers.group_savings import GroupSavings
from workloads.levers.repricing.what_if import WhatIf
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.prices import Prices
from workloads.query.answers import QUESTIONS

if TYPE_CHECKING:  # it imports this module
    from workloads.analysis.cache import AnswerCache

T = TypeVar("T")

Question = tuple[object, ...]
"""The key of an answer in workloads.analysis.analysis: ("spend",), ("estimate", "batch")."""


class SharedAnswers(Protocol):
    """Keeps answers about one read log, by names, for all machines."""

    def get(self, name: str) -> bytes | None:
        """Return a kept answer; None if there is none, or if the store is away."""

    def put(self, name: str, content: bytes) -> None:
        """Keep an answer. If that fails, whoever asks next computes it again."""


class AnswerProvider(Protocol):
    """Computes answers for an Analysis: a child process (workloads.analysis.calculator)."""

    def answer(self, question: Question, kind: type[T]) -> T: ...
    def interrupt(self) -> None: ...
    def close(self) -> None: ...


MAX_BYTES = 16 << 20
"""Limit on answers from a child or from the disk, to protect a process that serves others."""

_DEFERRED = ConfigDict(defer_build=True)

ANSWER_ADAPTERS: Mapping[type, TypeAdapter[Any]] = MappingProxyType(
    {
        kind: TypeAdapter(tuple[kind], config=_DEFERRED)  # type: ignore[valid-type]
        for kind in (
            *(LogSource, Prices, LogSpan, Profile, LogSpend, Allocation, PrefixCache, Estimate, Combination),
            *(Checks, FocusUsage, BilledCosts, Reconciliation, GroupSavings),
            *(question.result for question in QUESTIONS.values()),
            PrivateWords,
            WhatIf,
            Scope,
            Assumptions,
        )
    }
)
"""Adapters for all types of answers, and for Assumptions and BilledCosts, which a child gets with its questions.

Each is built when it is first needed, of a tuple with the answer, since a dataclass's own adapter is built at once: a
process that answers one question needs three of them.
"""


def to_plain(answer: object) -> Any:
    """Return an answer as dicts, lists and scalars."""
    return _convert_to_plain(to_json(answer))


def from_plain(plain: Any, kind: type[T]) -> T:
    """Return the answer of a type in ANSWER_ADAPTERS from its plain form. Raises ValueError."""
    (answer,) = ANSWER_ADAPTERS[kind].validate_python((plain,))
    return cast("T", answer)


def compute_fingerprint(value: object) -> str:
    """Return a hash of a value of a type in ANSWER_ADAPTERS, by which answers about it are told from others."""
    return sha256(dump_exact(to_plain(value)).encode()).hexdigest()


def _convert_to_plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _convert_to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _convert_to_plain(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list | frozenset):
        return [_convert_to_plain(inner) for inner in (sorted(value) if isinstance(value, frozenset) else value)]
    return value


class AnswerMissing(Exception):
    """An answer would have to be computed."""


class AnswerStore:
    """The answers of one Analysis, each computed once, by one thread at a time, which holds `lock`.

    Earlier answers come from the `cache`, if given, and new ones are saved there at the end. If a `calculator` is
    given, it computes the new ones, and is closed as well.
    """

    def __init__(self, cache: "AnswerCache | None", calculator: AnswerProvider | None) -> None:
        self.lock = threading.RLock()
        self.calculator = calculator
        self._cache = cache
        self._answers: dict[Question, object] = {}
        self._computes = True

    def get(self, question: Question, kind: type[T], compute: Callable[[], T]) -> T:
        """Return the answer to `question`, which `compute` computes in this process."""
        with self.lock:
            if question not in self._answers:
                self._answers[question] = self._load_or_compute(question, kind, compute)
            return cast("T", self._answers[question])

    def compute(self, question: Question, kind: type[T], compute: Callable[[], T]) -> T:
        """Return the answer to a question that is not kept."""
        if not self._computes:
            raise AnswerMissing
        return compute() if self.calculator is None else self.calculator.answer(question, kind)

    @contextmanager
    def computing_nothing(self) -> Iterator[None]:
        """Let this thread get only answers that are kept: others raise AnswerMissing."""
        with self.lock:
            self._computes = False
            try:
                yield
            finally:
                self._computes = True

    def interrupt(self) -> None:
        if self.calculator is not None:
            self.calculator.interrupt()

    def close(self) -> None:
        if self.calculator is not None:
            self.calculator.close()
        if self._cache is not None:
            self._cache.save()

    def _load_or_compute(self, question: Question, kind: type[T], compute: Callable[[], T]) -> T:
        answer = None if self._cache is None else self._cache.get(question, kind)
        if answer is None:
            answer = self.compute(question, kind, compute)
            if self._cache is not None:
                self._cache.put(question, answer)
        return answer
