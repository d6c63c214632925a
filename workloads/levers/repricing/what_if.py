"""One model of the price list for all requests: their cost, and what a log cannot show.

The cost is arithmetic on prices, with the target's own cache rules and tokenizer; quality needs an evaluation."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from core.i18n.text import Text, text
from workloads.analysis.estimate import Basis, Unknown
from workloads.analysis.log_state import INITIAL_STATE
from workloads.analysis.priced_log import PricedLog
from workloads.levers.repricing.offers import build_offered_costs
from workloads.levers.repricing.smaller_models import TEXT_SQL, SmallerModelTarget, build_target, describe_latency
from workloads.pricing.price_list import ListedModel
from workloads.pricing.pricer import find_target
from workloads.pricing.prices import PricedModel

MAX_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfLine:
    """One model of the log. `rows` are those that the target can answer, `left_out` the others: they are too long for
    it, or have audio, images or searches. USD: `now`, and `then` at the fewest and the most tokens that the target may
    count."""

    model: str
    rows: int
    left_out: int
    now: Decimal
    then_least: Decimal
    then_most: Decimal
    latency: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What the log would cost with `target`, a model of the price list, for all requests that it can answer.

    `saving` is that at the most tokens, and negative if the target costs more. `token_ratio`: the fewest and the most
    tokens for one token of the log, over all lines.
    """

    target: str
    provider: str
    lines: tuple[WhatIfLine, ...]
    now: Decimal
    then_least: Decimal
    then_most: Decimal
    saving: Decimal
    token_ratio: tuple[Decimal, Decimal]
    basis: Basis
    assumptions: tuple[Text, ...]
    unknowns: tuple[Unknown, ...]


def compute_what_if(log: PricedLog, name: str) -> WhatIf:
    """Return what the log would cost with the model called `name`. Raises BadInput if the price list lacks it."""
    listed = find_target(name, log.price_list)
    targets = [target for model in log.prices.models if (target := _to_target(log, model, listed))]
    lines = tuple(_iter_lines(log, listed, targets))
    now, then_least, then_most = (
        sum((getattr(line, column) for line in lines), Decimal(0)) for column in ("now", "then_least", "then_most")
    )
    ratios = [target.ratio for target in targets]
    return WhatIf(
        target=listed[1].id,
        provider=listed[0].id,
        lines=lines[:MAX_SHOWN],
        now=now,
        then_least=then_least,
        then_most=then_most,
        saving=now - then_most,
        token_ratio=(
            min((ratio.least for ratio in ratios), default=Decimal(1)),
            max((ratio.most for ratio in ratios), default=Decimal(1)),
        ),
        basis=Basis.MODELLED,
        assumptions=(
            text("Each request is bought at the price of its own day, in the same tier where the target has it"),
            text("Prefixes that are shorter than the target caches cost what fresh input costs"),
            text("Where the tokenizers differ, the cost is a range, and the saving that for the most tokens"),
        ),
        unknowns=(
            Unknown(what=text("quality of the target's answers; this needs an evaluation"), column=""),
            Unknown(what=text("how many tokens the target's answers have"), column=""),
        ),
    )


def _to_target(log: PricedLog, model: PricedModel, listed: ListedModel) -> SmallerModelTarget | None:
    return None if model.model_id == listed[1].id else build_target(log, model, listed)


def _iter_lines(log: PricedLog, listed: ListedModel, targets: list[SmallerModelTarget]) -> Iterable[WhatIfLine]:
    window = listed[1].context_window
    fits = f"(p.is_sum OR p.input + p.output <= {window})" if window else "true"
    log.drop_tables({"what_if_now"} & log.built_tables)
    costs = build_offered_costs(
        log, INITIAL_STATE, "what_if", (target.offer for target in targets), where=f"{TEXT_SQL} AND {fits}"
    )
    rows = log.fetch_all(f"SELECT key, count(*), sum(now_cost), sum(t_cost) FROM {costs} GROUP BY 1 ORDER BY 3 DESC, 1")
    counts: dict[int, int] = dict(
        log.fetch_all("SELECT key, count(*) FROM scoped WHERE p_fresh IS NOT NULL GROUP BY 1")
    )
    by_key = {target.model.key: target for target in targets}
    for key, count, now, then in rows:
        target = by_key[key]
        least = (then * target.ratio.least / target.ratio.most).quantize(Decimal("1e-12"))
        yield WhatIfLine(
            model=target.model.model or target.model.model_id or "",
            rows=count,
            left_out=counts[key] - count,
            now=now,
            then_least=least,
            then_most=then,
            latency=describe_latency(log, key, target.name),
        )
