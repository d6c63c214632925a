"""The options of `manage.py optimize` about prices, discounts and models' names, as assumptions about the log."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.own_prices import TOKEN_KINDS, ModelAlias, OwnPrice, to_name_key

PRICE_PARTS = ("fresh_input", "output", "cache_read", "cache_write")
"""The kinds of `--price MODEL=IN/OUT/READ/WRITE`, in that order."""


def add_prices(
    assumptions: Assumptions,
    *,
    price_in: str | None,
    price_out: str | None,
    prices: Iterable[str],
    discounts: Iterable[str],
    names: Iterable[str],
) -> Assumptions:
    """Return the assumptions with what the options say about prices. Raises BadInput that names the option."""
    total, by_model = Decimal(0), _merge_prices(prices)
    for written in discounts:
        model, separator, percent = written.rpartition("=")
        number = _parse_number("--discount", written, percent.strip().removesuffix("%"))
        if separator:
            _set(by_model, model, {"discount_percent": number})
        else:
            total = number
    return replace(
        assumptions,
        price_in=None if price_in is None else _parse_number("--price-in", price_in, price_in),
        price_out=None if price_out is None else _parse_number("--price-out", price_out, price_out),
        discount_percent=total,
        model_prices=tuple(OwnPrice(**fields) for fields in by_model.values()),
        model_names=tuple(_parse_name(written) for written in names),
    )


def _merge_prices(prices: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the fields of each model's OwnPrice, by the key of its name; a later option replaces an earlier one."""
    by_model: dict[str, dict[str, Any]] = {}
    for written in prices:
        model, separator, amounts = written.rpartition("=")
        if not separator:
            raise _build_price_error(written)
        name, colon, kind = model.rpartition(":")
        if colon and kind.strip() in TOKEN_KINDS:
            _set(by_model, name, {kind.strip(): _parse_number("--price", written, amounts)})
        else:
            _set(by_model, model, _parse_amounts(written, amounts))
    return by_model


def _parse_amounts(written: str, amounts: str) -> dict[str, Decimal]:
    parts = amounts.split("/")
    if not 2 <= len(parts) <= len(PRICE_PARTS):
        raise _build_price_error(written)
    return {
        kind: _parse_number("--price", written, part)
        for kind, part in zip(PRICE_PARTS, parts, strict=False)
        if part.strip()
    }


def _set(by_model: dict[str, dict[str, Any]], model: str, fields: Mapping[str, Decimal]) -> None:
    entry = by_model.setdefault(to_name_key(model), {"model": model.strip()})
    entry.update(fields)


def _parse_name(written: str) -> ModelAlias:
    name, separator, model = written.rpartition("=")
    if not (separator and name.strip() and model.strip()):
        raise BadInput(
            text(
                "--model-name {written}: write it as NAME=MODEL, the name in your log and the model that it means, for "
                "example prod-chat=gpt-4o.",
                written=written,
            )
        )
    return ModelAlias(name=name.strip(), model=model.strip())


def _parse_number(option: str, written: str, number: str) -> Decimal:
    try:
        return Decimal(number.strip().removeprefix("$"))
    except InvalidOperation as error:
        raise BadInput(
            text("{option} {written}: {number} is not a number.", option=option, written=written, number=repr(number))
        ) from error


def _build_price_error(written: str) -> BadInput:
    return BadInput(
        text(
            "--price {written}: write it as MODEL=IN/OUT, MODEL=IN/OUT/READ/WRITE or MODEL:KIND=PRICE, in USD per "
            "million tokens, for example gpt-4o=2/8 or gpt-4o:cache_read=0.3. The kinds are: {kinds}.",
            written=written,
            kinds=", ".join(TOKEN_KINDS),
        )
    )
