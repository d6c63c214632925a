"""The effect of the waterfall on latency: before, after, and a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from core.exceptions import BadInput
from core.i18n.text import Text, text
from workloads.levers.base import Lever, Speed

GUARDS: Mapping[str, float] = MappingProxyType({"p50": 0.5, "p95": 0.95, "p99": 0.99})
"""The latency metrics that can be guarded, as quantiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyChange:
    """Latency in ms at `metric`, a key of GUARDS: now, and after the waterfall, of what stays interactive."""

    metric: str
    before_ms: float | None
    after_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The effect of the waterfall on latency in ms at `metric`, a key of GUARDS, over all interactive requests.

    `after_ms` is the latency of the requests that stay interactive. `verdict`: "kept" (it is not higher), "worse",
    "unverified" or "unknown". `speeds`: each lever's effect on latency.
    `limit_ms`: the latency that was asked not to be exceeded; the verdict is "exceeded" if it is.
    """

    metric: str
    before_ms: float | None
    after_ms: float | None
    verdict: str
    note: Text
    speeds: Mapping[str, Text]
    limit_ms: float | None = None


def evaluate_guard(
    latencies: Sequence[LatencyChange], unknown: Text | None, promised: Sequence[Lever], metric: str
) -> Guard:
    """Return the effect of the promised levers on latency at `metric`, a key of GUARDS. `unknown`: why there is no
    latency."""
    found = next((change for change in latencies if change.metric == metric), None)
    before, after = (found.before_ms, found.after_ms) if found else (None, None)
    return Guard(
        metric=metric,
        before_ms=before,
        after_ms=after,
        verdict=_evaluate_verdict(promised, before, after),
        note=unknown or _describe_latency_change(metric, before, after),
        speeds={lever.name: lever.speed.value for lever in promised},
    )


def hold_against(guard: Guard, limit_ms: float) -> Guard:
    """Return the guard held against a limit in ms, now and after the waterfall."""
    values = [value for value in (guard.before_ms, guard.after_ms) if value is not None]
    if not values:
        return replace(guard, limit_ms=limit_ms)
    if max(values) <= limit_ms:
        note = text("It is within the limit of {limit:,.0f} ms now and afterwards.", limit=limit_ms)
        verdict = "kept" if guard.verdict == "worse" else guard.verdict
        return replace(guard, limit_ms=limit_ms, verdict=verdict, note=note)
    note = (
        text("The limit of {limit:,.0f} ms is exceeded already.", limit=limit_ms)
        if (guard.before_ms or 0) > limit_ms
        else text("The limit of {limit:,.0f} ms is exceeded after the change.", limit=limit_ms)
    )
    return replace(guard, limit_ms=limit_ms, verdict="exceeded", note=note)


def check_guard(guard: str | None) -> None:
    """Raise BadInput for a guard that is not in GUARDS."""
    if guard is not None and guard not in GUARDS:
        metrics, named = ", ".join(GUARDS), repr(guard)
        raise BadInput(text("Unknown latency metric {named}. Choose one of: {there}.", there=metrics, named=named))


def _evaluate_verdict(levers: Sequence[Lever], before: float | None, after: float | None) -> str:
    if before is None or after is None:
        return "unknown"
    if any(lever.speed is Speed.UNVERIFIED for lever in levers):
        return "unverified"
    return "worse" if after > before else "kept"


def _describe_latency_change(metric: str, before: float | None, after: float | None) -> Text:
    if before is None or after is None:
        return text("No interactive requests remain, so there is nothing to compare.")
    if after > before:
        return text(
            "The {metric} of the requests that stay is higher because fast ones leave; no single request gets slower.",
            metric=metric,
        )
    if after < before:
        return text(
            "The {metric} of the remaining requests is lower because slow ones leave; no request is assumed to "
            "get faster.",
            metric=metric,
        )
    return text("Assumes latency is unchanged.")
