"""The figures behind the saving with smaller models: of all routed requests, and model by model."""

from collections.abc import Iterable

from core.i18n.text import text
from workloads.analysis.estimate import DisplayValue, Evidence
from workloads.analysis.priced_log import PricedLog
from workloads.levers.repricing.smaller_models import Targets, describe_latency, select_routed

MAX_SHOWN = 50  # models with a row and a latency query each: those with the largest savings


def list_evidence(log: PricedLog, targets: Targets) -> tuple[Evidence, ...]:
    requests, share, cost, then = log.fetch_one(
        f"""SELECT count(*), count(*) / (SELECT count(*) FROM log.requests), sum(now_cost), sum(t_cost)
        FROM {select_routed(log, targets)}"""
    )
    return (
        Evidence(label=text("simple requests"), value=requests, unit="requests"),
        Evidence(label=text("share of all requests"), value=share, unit="share"),
        Evidence(label=text("their current cost"), value=cost, unit="USD"),
        Evidence(label=text("their cost with the smaller model"), value=then, unit="USD"),
        *_list_ratio_evidence(log, targets),
        Evidence(
            label=text("accepted answers from which asking the smaller model first pays, if checking is free"),
            value=float(then / cost),
            unit="share",
        ),
    )


def _list_ratio_evidence(log: PricedLog, targets: Targets) -> Iterable[Evidence]:
    """Return the saving at the least tokens that the smaller models may count, if that is not known."""
    ranges = {target.model.key: target.ratio for target in targets if not target.ratio.is_known}
    if not ranges:
        return
    lines = ", ".join(f"({key}, {ratio.least / ratio.most:.12f})" for key, ratio in ranges.items())
    (saved,) = log.fetch_one(
        f"""SELECT sum(now_cost - t_cost * coalesce(share::DECIMAL(13,12), 1))
        FROM {select_routed(log, targets)} LEFT JOIN (VALUES {lines}) shares (key, share) USING (key)"""
    )
    yield Evidence(label=text("saving at the fewest tokens that its tokenizer may count"), value=saved, unit="USD")


def list_details(log: PricedLog, targets: Targets) -> Iterable[dict[str, DisplayValue]]:
    rows = log.fetch_all(
        f"""SELECT key, count(*), sum(saved) FROM {select_routed(log, targets)}
        GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT {MAX_SHOWN}"""
    )
    totals = {key: rest for key, *rest in rows}
    for target in targets:
        if target.model.key in totals:
            requests, saved = totals[target.model.key]
            yield {
                "model": target.model.model or target.model.model_id or "",
                "smaller_model": target.name,
                "requests": requests,
                "saving_usd": saved,
                "latency": describe_latency(log, target.model.key, target.name),
            }
