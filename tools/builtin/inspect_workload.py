"""The tool that reports what a log contains and what it lacks, before anything is computed from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.i18n.text import Text, text
from tools.base import Category, DataKind, NoInput, Reuse, SideEffects, Tool, ToolContext
from workloads.analysis.analysis import Analysis

# The columns of schema.REQUESTS that answers about cost and latency are based on, each with the field of an uploaded
# log (docs/formats.md) and what is lost without it.
EXPECTED_COLUMNS: Mapping[str, tuple[str, Text]] = MappingProxyType(
    {
        "at": ("time", text("when requests were made, and how much a cache with a lifetime would save")),
        "model": ("model", text("what each request cost, and which model to change")),
        "blocks": ("blocks", text("how much prompt caching would save (hashes of the prompt's prefix blocks)")),
        "prompt_hash": ("prompt_hash", text("how much a response cache would save (a hash of prompt and parameters)")),
        "session": ("session", text("which requests belong to one conversation")),
        "streamed": ("streamed", text("which requests could be batched (whether a person was waiting)")),
        "ok": ("status", text("how much failures and retries cost (a status)")),
        "latency_ms": ("latency_ms", text("whether a change would hurt latency")),
        "feature": ("feature", text("which parts of your product cost the most")),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadInspection:
    """What a log contains. `priced_share` is of all tokens; `missing` maps absent fields to what they would show.

    None among `unpriced_models` stands for requests without a model's name. `failed_checks` say what doesn't add up.
    """

    rows: int
    rejected_rows: int
    columns: tuple[str, ...]
    missing: Mapping[str, Text]
    priced_share: float
    unpriced_models: tuple[str | None, ...]
    relative_clock: bool
    synthetic: bool
    failed_checks: tuple[Text, ...] = ()


async def run(_: NoInput, tool_context: ToolContext) -> WorkloadInspection:
    return await tool_context.session.ask(inspect)


def inspect(analysis: Analysis) -> WorkloadInspection:
    source, prices = analysis.source, analysis.prices
    priced = sum(model.tokens for model in prices.models)
    unpriced = sum(model.tokens for model in prices.unpriced)
    return WorkloadInspection(
        rows=source.rows,
        rejected_rows=sum(reason.rows for reason in source.rejected),
        columns=tuple(sorted(source.columns)),
        missing={field: use for column, (field, use) in EXPECTED_COLUMNS.items() if column not in source.columns},
        priced_share=priced / (priced + unpriced) if priced + unpriced else 0.0,
        unpriced_models=tuple(model.model for model in prices.unpriced),
        relative_clock=source.relative_clock,
        synthetic=source.synthetic,
        failed_checks=tuple(check.finding for check in analysis.checks().failed_checks),
    )


TOOL = Tool(
    name="inspect_workload",
    title=text("Inspect the log"),
    description=(
        "Shows how many requests the log has, which columns are present or missing, what has a price, and what "
        "doesn't add up."
    ),
    input=NoInput,
    run=run,
    category=Category.BASIC,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.LOG,
    result_kinds=frozenset(
        {DataKind.FIGURES, DataKind.SENTENCES, DataKind.FILE_NAME, DataKind.COLUMN_NAMES, DataKind.MODEL_NAMES}
    ),
)
