"""Arguments of the typed query: one model for each kind of question, the same for tools, REST and the cache.

They are read from JSON. What is misspelt is an error."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from workloads.pricing.own_prices import MAX_NAME_LENGTH
from workloads.query.query import Query

Factor = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=12)]


class QueryArguments(BaseModel):
    """Base of the arguments of a question."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MeasureArguments(QueryArguments):
    query: Query


class ChangeArguments(QueryArguments):
    """The two sets of requests whose spend differs. Their measures and dimensions don't matter."""

    before: Query
    after: Query


class DescribeArguments(QueryArguments):
    """Nothing more needs to be said."""


class SuppositionKind(StrEnum):
    """What is supposed to be different. NONE changes nothing."""

    NONE = "none"
    MODEL = "model"
    BATCH = "batch"
    TRAFFIC = "traffic"
    PRICE = "price"
    OUTPUT = "output"
    NO_CACHE = "no_cache"


class WhatIfArguments(QueryArguments):
    """`model` is that of the price list for MODEL; `factor` multiplies traffic, prices or the length of outputs."""

    query: Query
    change: SuppositionKind
    model: str | None = Field(default=None, min_length=1, max_length=MAX_NAME_LENGTH)
    factor: Factor = Decimal(1)


class ForecastArguments(QueryArguments):
    """From the day `start` to before the day `end`, in the query's time zone."""

    query: Query
    start: date
    end: date


class AnomaliesArguments(QueryArguments):
    """Unusual days of the query's first measure, for each value of `dimension` if there is one."""

    query: Query
    dimension: str | None = Field(default=None, max_length=MAX_NAME_LENGTH)


class RequestsArguments(QueryArguments):
    """Single requests in the order of a column, from the one at `offset`."""

    query: Query
    order_by: str = Field(default="spend", max_length=50)
    descending: bool = True
    limit: int = Field(default=10, ge=1, le=200)
    offset: int = Field(default=0, ge=0, le=1_000_000)
