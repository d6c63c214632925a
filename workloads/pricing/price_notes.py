"""Sentences for a report about the prices that were applied."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import duckdb

from core.i18n.text import FormattedNumber, Text, plural_text, text
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.prices import PricedModel, PriceFileInfo, PriceHistory

MAX_NAMED = 10
"""Models named in a note."""

UNNAMED = "-"
"""The requests without a model, in a note."""


def list_price_notes(
    models: Sequence[PricedModel],
    assumptions: Assumptions,
    today: date,
    dated: bool,
    file: PriceFileInfo | None = None,
) -> Iterable[Text]:
    if assumptions.has_given_prices:
        yield _describe_given_prices(models, assumptions)
        yield _describe_cached_prices(models)
    elif not dated:
        yield text("The log has no dates, so list prices as of {today} apply throughout.", today=str(today))
    elif any(model.history is PriceHistory.TODAY for model in models):
        yield text(
            "Where the price list has no history, current prices are used for the log's dates (marked in the prices)."
        )
    yield from _list_own_price_notes(models)
    if file is not None:
        yield from _list_file_notes(models, file)
    yield from _list_discount_notes(models, assumptions)
    if assumptions.assume_model and not any(model.assumed for model in models):
        yield text(
            "Every request names its model, so the assumed model {model} was not needed.",
            model=repr(assumptions.assume_model),
        )
    yield from _list_tier_notes(models)


def _describe_given_prices(models: Sequence[PricedModel], assumptions: Assumptions) -> Text:
    figures = {
        "price_in": FormattedNumber(f"${assumptions.price_in}"),
        "price_out": FormattedNumber(f"${assumptions.price_out}"),
    }
    if any(model.given_kinds for model in models):
        return text(
            "Your prices apply to every model without its own price: {price_in} input, {price_out} output per million "
            "tokens.",
            **figures,
        )
    return text(
        "Your prices apply to every request: {price_in} input, {price_out} output per million tokens.", **figures
    )


def _list_own_price_notes(models: Sequence[PricedModel]) -> Iterable[Text]:
    own = dict.fromkeys(model.model or UNNAMED for model in models if model.given_kinds)
    if own:
        yield text(
            "Your own prices apply to {models}. Kinds of tokens without one have the list's price; batches, tiers and "
            "long prompts keep the list's ratio to the standard price.",
            models=_join_names(own),
        )


def _list_file_notes(models: Sequence[PricedModel], file: PriceFileInfo) -> Iterable[Text]:
    priced = dict.fromkeys(model.model or UNNAMED for model in models if model.history is PriceHistory.FILE)
    if not priced:
        return
    if file.title:
        yield text(
            "Prices from this installation's price file, {title} of {date}: {models}.",
            title=repr(file.title),
            date=file.date,
            models=_join_names(priced),
        )
    else:
        yield text(
            "Prices from this installation's price file of {date}: {models}.",
            date=file.date,
            models=_join_names(priced),
        )
    in_part = dict.fromkeys(model.model or UNNAMED for model in models if model.is_listed_in_part)
    if in_part:
        yield text(
            "On days that the price file doesn't cover, the price list's prices hold for {models}.",
            models=_join_names(in_part),
        )


def _list_discount_notes(models: Sequence[PricedModel], assumptions: Assumptions) -> Iterable[Text]:
    percent = assumptions.discount_percent
    others = [model for model in models if model.discount_percent != percent]
    if percent and not others:
        yield text("A discount of {percent}% was applied to every price.", percent=percent)
    elif percent:
        yield text("A discount of {percent}% was applied to every model without its own discount.", percent=percent)
    by_percent: dict[Decimal, dict[str, None]] = {}
    for model in others:
        by_percent.setdefault(model.discount_percent, {})[model.model or UNNAMED] = None
    for own, names in by_percent.items():
        yield text("A discount of {percent}% was applied to {models}.", percent=own, models=_join_names(names))


def _join_names(names: Iterable[str]) -> str:
    """Return the first few names, and dots for the others."""
    listed = list(names)
    return ", ".join(listed[:MAX_NAMED] + (["…"] if len(listed) > MAX_NAMED else []))


def _describe_cached_prices(models: Sequence[PricedModel]) -> Text:
    if any(model.model_id for model in models):
        return text(
            "Cached input is priced in the same ratio to fresh input as in the price list; where the model is unknown, "
            "it costs the same as fresh input."
        )
    return text("The model is unknown, so cached input costs the same as fresh input.")


def _list_tier_notes(models: Sequence[PricedModel]) -> Iterable[Text]:
    lacking: dict[str, dict[str, None]] = {}
    for model in models:
        if model.lacks_tier:
            lacking.setdefault(model.tier or "", {})[model.model or UNNAMED] = None
    for tier, names in lacking.items():
        yield text(
            "The price list has no {tier} price for {models}, so the standard price was used.",
            tier=tier,
            models=_join_names(names),
        )
    if any(model.provider_id == "perplexity" for model in models):
        yield text(
            "Perplexity's fee per request depends on the size of the search context; the highest listed fee was used."
        )


SELECT_FEES_OF_SUMS = """SELECT coalesce(sum(searches), 0)::BIGINT, coalesce(sum(searches * p_search), 0)::DECIMAL(24,6)
    FROM priced WHERE is_sum AND p_search > 0"""
SELECT_IMAGE_PRICES = "SELECT count(*) FROM rates WHERE p_image_output <> p_output"


def list_fee_notes(con: duckdb.DuckDBPyConnection, columns: frozenset[str]) -> Iterable[Text]:
    """Yield what the spend lacks: searches of sums, and the price of images that the log doesn't count apart.

    `columns` are those of the log with a value. `con` has `rates` and `priced`.
    """
    has_fees = {"searches", "is_sum"} <= columns
    searches, fee = con.execute(SELECT_FEES_OF_SUMS).fetchall()[0] if has_fees else (0, Decimal(0))
    if searches:
        yield plural_text(
            "{n:,} web search in sums of requests is not in the spend; at list price it costs {fee}.",
            "{n:,} web searches in sums of requests are not in the spend; at list price they cost {fee}.",
            n=searches,
            fee=FormattedNumber(f"${fee.normalize():f}"),
        )
    (with_images,) = con.execute(SELECT_IMAGE_PRICES).fetchall()[0]
    if with_images and "image_output" not in columns:
        yield text(
            "Some models price image output apart from text. The log doesn't count it apart (image_output_tokens), so "
            "all output has the price of text."
        )
