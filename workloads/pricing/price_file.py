"""An operator's price file: prices of models that the price list lacks, or that a contract says otherwise.

It is JSON or TOML; docs/operations.md ("Prices of your own") describes it. Its prices go before the price list's and
after a user's own."""

import json
import logging
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from core.exceptions import BadInput, OperatorError
from core.i18n.text import text
from workloads.pricing.own_prices import MAX_NAME_LENGTH, MAX_PRICE, to_name_key

log = logging.getLogger(__name__)

MAX_FILE_BYTES = 4 << 20
MAX_MODELS = 5_000
MAX_SHOWN_ERRORS = 10

Price = Annotated[Decimal, Field(ge=0, le=MAX_PRICE, max_digits=30, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME_LENGTH, pattern=r"^\S(.*\S)?$")]
Tier = Literal["batch", "flex", "priority", "fast"]
"""What the log's service_tier may be; None is the standard one."""


class _FileEntry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class PartialPrices(_FileEntry):
    """Prices in USD per million tokens by kind (own_prices.TOKEN_KINDS); a search and a request in USD per thousand."""

    fresh_input: Price | None = None
    cache_read: Price | None = None
    cache_write: Price | None = None
    cache_write_1h: Price | None = None
    output: Price | None = None
    audio_input: Price | None = None
    audio_read: Price | None = None
    audio_output: Price | None = None
    image_input: Price | None = None
    image_output: Price | None = None
    reasoning: Price | None = None
    search: Price | None = None
    request: Price | None = None

    @property
    def stated_kinds(self) -> frozenset[str]:
        return frozenset(name for name, value in self if value is not None)


class WholePrices(PartialPrices):
    """The same; a kind of tokens without a price costs what its parent costs (docs/figures.md, "Prices")."""

    fresh_input: Price
    output: Price


class LongPromptPrices(PartialPrices):
    """What changes for the whole request once its prompt has more than `above` tokens."""

    above: int = Field(ge=1, le=10**9)


class FilePrice(_FileEntry):
    """The price of one model from its first to its last day (UTC, both included); always, without them."""

    model: Name
    provider: Name | None = None
    names: tuple[Name, ...] = Field(default=(), max_length=100)
    valid_from: date | None = Field(default=None, alias="from")
    valid_until: date | None = Field(default=None, alias="until")
    context_window: int | None = Field(default=None, ge=1, le=10**9)
    prices: WholePrices
    long_prompts: tuple[LongPromptPrices, ...] = Field(default=(), max_length=10)
    tiers: Mapping[Tier, PartialPrices] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("`until` is before `from`")
        limits = [one.above for one in self.long_prompts]
        if any(later <= earlier for earlier, later in pairwise(limits)):
            raise ValueError("`long_prompts` must be in the order of their `above`, each once")
        changed = {kind for one in self.long_prompts for kind in one.stated_kinds} - {"above"}
        if unstated := changed - self.prices.stated_kinds:
            raise ValueError(f"`long_prompts` has a price of {min(unstated)}, but `prices` has none")
        return self

    @property
    def key(self) -> tuple[str, str]:
        """The provider ("": any) and the model, by which two entries are of one model."""
        return to_name_key(self.provider or ""), to_name_key(self.model)


class PriceFile(_FileEntry):
    """All prices of a file. `as_of` is the day that they are from, `title` what reports call them."""

    as_of: date = Field(alias="date")
    title: str = Field(default="", max_length=200)
    models: tuple[FilePrice, ...] = Field(min_length=1, max_length=MAX_MODELS)

    @model_validator(mode="after")
    def _check_models(self) -> Self:
        by_key: dict[tuple[str, str], list[FilePrice]] = {}
        owners: dict[tuple[str, str], tuple[str, str]] = {}
        for price in self.models:
            by_key.setdefault(price.key, []).append(price)
            for name in (price.model, *price.names):
                owner = owners.setdefault((price.key[0], to_name_key(name)), price.key)
                if owner != price.key:
                    raise ValueError(f"{name!r} is a name of two models: {owner[1]!r} and {price.key[1]!r}")
        for (_, model), prices in by_key.items():
            periods = sorted((p.valid_from or date.min, p.valid_until or date.max) for p in prices)
            if any(later[0] <= earlier[1] for earlier, later in pairwise(periods)):
                raise ValueError(f"two prices of {model!r} hold on the same day; give them `from` and `until`")
        return self

    @property
    def fingerprint(self) -> str:
        """A hash of its contents: answers that were computed with another file are not used again."""
        return sha256(self.to_text().encode()).hexdigest()

    def to_text(self) -> str:
        """Return its contents, for a child process; `parse_price_text` reads them."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


class BrokenPriceFile(OperatorError):
    """The price file can't be used. The message names the file and each entry that is wrong."""


def parse_price_text(content: str) -> PriceFile:
    """Return the file that `PriceFile.to_text` wrote."""
    return PriceFile.model_validate_json(content)


def read_price_file(path: Path) -> PriceFile:
    """Read an operator's file; its ending says whether it is TOML or JSON. Raises BrokenPriceFile."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise BrokenPriceFile(f"{path}: larger than {MAX_FILE_BYTES >> 20} MiB.")
        return PriceFile.model_validate(_parse(content.decode("utf-8-sig"), path))
    except OSError as error:
        raise BrokenPriceFile(f"{path}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BrokenPriceFile(f"{path}: not UTF-8 text.") from error
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        lines = [_format_error(detail) for detail in details[:MAX_SHOWN_ERRORS]]
        more = len(details) - len(lines)
        raise BrokenPriceFile(f"{path}: {'; '.join(lines)}{f'; and {more} more' if more else ''}.") from error


def load_price_file(path: Path | None) -> PriceFile | None:
    """Return the installation's price file, None without one.

    Raises BadInput if it can't be used: other prices in its place would be wrong without anybody noticing.
    """
    if path is None:
        return None
    try:
        return read_price_file(path)
    except BrokenPriceFile as error:
        log.error("NETRA_PRICE_FILE: %s", error)  # noqa: TRY400 - the message says it all
        raise BadInput(
            text("This installation's price file can't be read, so nothing was priced. Ask your administrator.")
        ) from error


def _parse(content: str, path: Path) -> Any:
    ending = path.suffix.lower()
    try:
        if ending == ".json":
            return json.loads(content, parse_float=Decimal)
        if ending == ".toml":
            return tomllib.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise BrokenPriceFile(f"{path}: not valid {ending[1:].upper()}: {error}.") from error
    raise BrokenPriceFile(f"{path}: its name must end in .json or .toml.")


MESSAGES: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of a price file",
    "literal_error": "is not a service tier; they are batch, flex, priority and fast",
    "decimal_parsing": "is not a number",
    "decimal_type": "is not a number",
    "greater_than_equal": "is too small",
    "less_than_equal": f"is too large; prices are USD per million tokens, up to {MAX_PRICE:,}",
    "date_from_datetime_parsing": "is not a date such as 2026-10-01",
    "date_type": "is not a date such as 2026-10-01",
    "date_parsing": "is not a date such as 2026-10-01",
}
"""What is said about an entry, by pydantic's type of error; for others, pydantic's own words."""


def _format_error(detail: ErrorDetails) -> str:
    where = ""
    for part in detail["loc"]:
        if part == "[key]":
            continue
        where += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if where else ''}{part}"
    said = MESSAGES.get(detail["type"], detail["msg"].removeprefix("Value error, "))
    return f"{where} {said}" if where else said
