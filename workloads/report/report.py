"""The report: all results about one log, assembled as data. docs/report.md describes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from core.i18n.language import ENGLISH, Language
from core.i18n.text import FieldNames, JsonData, Text, join_texts, text
from workloads.analysis.allocation import Allocation
from workloads.analysis.combination import Combination, PlanItem, build_plan
from workloads.analysis.estimate import Basis, Estimate, Unknown
from workloads.analysis.prefix_cache import PrefixCache
from workloads.analysis.profile import Profile
from workloads.analysis.scope import EVERYTHING, Scope
from workloads.analysis.spend import LogSpend
from workloads.checks.check import Check, CheckState
from workloads.ingest.schema import LogSource
from workloads.invoices.invoice import Reconciliation
from workloads.levers.repricing.what_if import WhatIf
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.prices import PriceHistory, Prices

if TYPE_CHECKING:  # it imports this module for its reports
    from workloads.analysis.analysis import Analysis

VERSION = 1

HISTORY_LABELS: Mapping[PriceHistory, Text] = MappingProxyType(
    {
        PriceHistory.GIVEN: text("your prices"),
        PriceHistory.FILE: text("this installation's prices"),
        PriceHistory.DATED: text("list price at the time"),
        PriceHistory.TODAY: text("current list price"),
    }
)
"""Labels for the sources of prices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All results about one log. A part that failed is None or empty; `missing` then names it (the report is degraded),
    and `because` has the reason."""

    ask: str = ""
    source: LogSource
    assumptions: Assumptions
    prices: Prices
    profile: Profile
    spend: LogSpend | None = None
    allocation: Allocation | None = None
    checks: tuple[Check, ...] = ()
    reconciliation: Reconciliation | None = None
    prefix_cache: PrefixCache | None = None
    levers: tuple[Estimate, ...] = ()
    scope: Scope = EVERYTHING
    combination: Combination | None = None
    plan: tuple[PlanItem, ...] = ()
    what_if: WhatIf | None = None
    missing: tuple[str, ...] = ()
    because: Mapping[str, Text] = field(default_factory=dict)

    @property
    def unknowns(self) -> tuple[Unknown, ...]:
        """Return the figures that the log can't provide, without duplicates."""
        return tuple(dict.fromkeys(self._iter_unknowns()))

    def _iter_unknowns(self) -> Iterable[Unknown]:
        yield from self.profile.unknowns
        if self.prefix_cache and self.prefix_cache.unknown:
            yield self.prefix_cache.unknown
        for lever in self.levers:
            yield from lever.unknowns
        if any(model.model is None for model in self.prices.unpriced):
            yield Unknown(what=text("spend of requests without a model"), column="model")

    def get_basis(self, lever: str) -> Basis:
        """Return the basis of one of its levers."""
        return next(estimate.basis for estimate in self.levers if estimate.name == lever)

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.state is CheckState.FAILED)

    @property
    def notes(self) -> tuple[Text, ...]:
        return (*self.source.notes, *self.prices.notes)

    @property
    def price_sources(self) -> Text:
        """Return the sources of the spend's prices."""
        sources = [HISTORY_LABELS[history] for history in sorted({model.history for model in self.prices.models})]
        if self.spend is not None and self.spend.stated_requests != 0:
            sources.append(text("stated by the log"))
        return join_texts(", ", sources) if sources else text("none; no model in the log has a price")

    def to_json(self, language: Language = ENGLISH) -> dict[str, Any]:
        """Return the report as docs/report.md describes it, with JSON numbers, money in USD and texts in the
        language."""
        return JsonData(_to_json(self._build_document(), language, FieldNames()))

    def _build_document(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "ask": self.ask,
            "source": self.source,
            "assumptions": self.assumptions,
            **_profile_to_json(self.profile),
            "spend": self._build_spend(),
            "spend_by_model": self.spend.by_model if self.spend else None,
            "allocation": self.allocation.dimensions if self.allocation else [],
            "unowned": self.allocation.unowned if self.allocation else None,
            "checks": tuple(_check_to_json(check) for check in self.checks),
            "reconciliation": _reconciliation_to_json(self.reconciliation) if self.reconciliation else None,
            "prices": self.prices.models,
            "price_list": {"version": self.prices.list_version, "date": self.prices.list_date},
            "price_file": self.prices.file,
            "unpriced": self.prices.unpriced,
            "prefix_cache": self.prefix_cache,
            "levers": self.levers,
            "constraints": self.scope,
            "waterfall": self.combination.waterfall if self.combination else [],
            "combination": self._build_combination(),
            "plan": self.plan,
            "what_if": self.what_if,
            "unknowns": self.unknowns,
            "notes": self.notes,
            "missing": self.missing,
            "because": self.because,
        }

    def _build_spend(self) -> dict[str, Any] | None:
        if self.spend is None:
            return None
        return {"currency": "USD", "prices": self.price_sources, **_to_fields(self.spend, without="by_model")}

    def _build_combination(self) -> dict[str, Any] | None:
        return _to_fields(self.combination, without="waterfall") if self.combination else None


def _to_fields(value: Any, *, without: str = "") -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name != without}


def _reconciliation_to_json(found: Reconciliation) -> dict[str, Any]:
    parts = {
        name: tuple({**_to_fields(part), "residual": part.residual} for part in getattr(found, name))
        for name in ("by_day", "by_model", "by_kind")
    }
    return {**_to_fields(found), **parts}


def _check_to_json(check: Check) -> dict[str, Any]:
    parts = tuple({**_to_fields(part), "difference": part.difference} for part in check.parts)
    return {**_to_fields(check), "parts": parts}


def _profile_to_json(profile: Profile) -> dict[str, Any]:
    return {
        "rows": profile.rows,
        "requests": profile.requests,
        "first": _moment_to_json(profile.first, relative=profile.relative_clock),
        "last": _moment_to_json(profile.last, relative=profile.relative_clock),
        "relative_clock": profile.relative_clock,
        "span_seconds": profile.span_seconds,
        "tokens": profile.tokens,
        "percentiles": {
            "input_tokens": profile.input_tokens,
            "output_tokens": profile.output_tokens,
            "latency_ms": profile.latency_ms,
            "first_token_ms": profile.first_token_ms,
        },
        "peak_to_mean": profile.peak.to_mean if profile.peak else None,
        "peak": profile.peak,
        "error_rate": profile.error_rate,
        "errors": profile.errors,
    }


def _moment_to_json(moment: datetime | None, *, relative: bool) -> str | None:
    return None if moment is None else moment.isoformat() + ("" if relative else "Z")


def _to_json(value: Any, language: Language, names: FieldNames) -> Any:
    """Convert dataclasses to objects, decimals to numbers and times to ISO 8601."""
    if isinstance(value, str):
        return value.value if isinstance(value, Enum) else language.translate(value)
    if fields_of_value := names[type(value)]:
        parts = [(name, getattr(value, name)) for name in fields_of_value]
        return {name: part if type(part) in _PLAIN else _to_json(part, language, names) for name, part in parts}
    if isinstance(value, list | tuple | frozenset):
        items = sorted(value) if isinstance(value, frozenset) else value
        return [item if type(item) in _PLAIN else _to_json(item, language, names) for item in items]
    if isinstance(value, Mapping):
        return {str(key): _to_json(item, language, names) for key, item in value.items()}
    return _number_to_json(value)


_PLAIN = frozenset({str, int, float, bool, type(None)})


def _number_to_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, datetime) else value.value if isinstance(value, Enum) else value


class ReportOptions(TypedDict, total=False):
    """What a report is asked for. `levers` are those of the report, all if None; `missing` names the parts of the run
    that failed, and `because` their reasons, where known."""

    ask: str
    levers: Sequence[str] | None
    goal_percent: float | None
    guard: str | None
    missing: Sequence[str]
    because: Mapping[str, Text] | None


def build_report(analysis: "Analysis", **options: Unpack[ReportOptions]) -> Report:
    """Return the report on an analysed log. If the part "actions" failed, there is no plan."""
    levers, missing = options.get("levers"), tuple(options.get("missing", ()))
    names = tuple(lever.name for lever in analysis.levers()) if levers is None else tuple(levers)
    estimates = tuple(analysis.estimate(name) for name in names)
    goal, guard = options.get("goal_percent"), options.get("guard")
    combination = analysis.combine(names, goal_percent=goal, guard=guard) if names else None
    target = analysis.assumptions.target_model
    return Report(
        ask=options.get("ask", ""),
        source=analysis.source,
        assumptions=analysis.assumptions,
        prices=analysis.prices,
        profile=analysis.profile(),
        spend=analysis.spend(),
        allocation=analysis.allocation(),
        checks=analysis.checks().checks,
        reconciliation=analysis.reconciliation(),
        prefix_cache=analysis.prefix_cache(),
        levers=estimates,
        scope=analysis.scope(),
        combination=combination,
        plan=build_plan(estimates, combination) if combination and "actions" not in missing else (),
        what_if=analysis.compare_model(target) if target else None,
        missing=missing,
        because=dict(options.get("because") or {}),
    )
