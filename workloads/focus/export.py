"""The FOCUS export: a row for each kind of token, charge period, model and combination of dimension values.

FOCUS 1.3, dataset Cost and Usage (https://focus.finops.org/focus-specification/). Columns that do not apply to tokens,
such as commitment discounts, are absent, as the specification allows. `ProviderName` and `PublisherName`, which 1.3
deprecates, are there for tools that read 1.2. The spend is computed in a child process, or taken from the figures
cached beside the log."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

from core.db import as_user
from core.exceptions import BadInput, Conflict
from core.i18n.text import text
from workloads.child_process import ProcessLimits, fit_request
from workloads.focus.usage import OTHER, Charge, ChargeGroup, FocusUsage
from workloads.log_queries import open_log
from workloads.models import Workload
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.prices import MILLION, PricedModel
from workloads.report.csv_export import format_cell

MAX_SECONDS = 120
"""Of the computation, because a request waits for it."""

COLUMNS = (
    *("BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd"),
    *("BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency"),
    *("ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost"),
    *("HostProviderName", "InvoiceId", "InvoiceIssuerName", "ListCost", "PricingCategory", "PricingQuantity"),
    *("PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ServiceCategory", "ServiceName"),
    *("ServiceProviderName", "ServiceSubcategory", "SkuId", "SkuMeter", "SubAccountId", "SubAccountName", "Tags"),
    *("x_Model", "x_PriceSource", "x_ServiceTier", "x_TokenType"),
)
"""In the specification's alphabetical order, then our own, which start with "x_"."""

METERS: Mapping[str, str] = MappingProxyType(
    {
        "input": "Input Tokens",
        "audio_input": "Audio Input Tokens",
        "image_input": "Image Input Tokens",
        "cache_read": "Cache Read Tokens",
        "audio_cache_read": "Audio Cache Read Tokens",
        "cache_write": "Cache Write Tokens",
        "cache_write_1h": "1-Hour Cache Write Tokens",
        "output": "Output Tokens",
        "audio_output": "Audio Output Tokens",
        "search": "Web Searches",
        OTHER: "Other Charges",
    }
)
UNITS: Mapping[str, str] = MappingProxyType({"search": "Requests", OTHER: "Units"})
UNKNOWN = "not logged"
STATED = "stated by the log"


def export_focus(
    user_id: UUID,
    workload_id: UUID | None,
    assumptions: Assumptions,
    *,
    total: float | None,
    data_dir: Path,
    temp: Path,
    limits: ProcessLimits,
    price_file: Path | None = None,
) -> str:
    """Return the spend of the user's log as FOCUS CSV. Its rows sum to `total`, the spend of the report. `temp` is a
    new folder of this call, and is removed.

    Raises BadInput if the log can't be exported, NotFound if it is not the user's, and Conflict if its spend is no
    longer the report's, because the price list or the program has changed since.
    """
    if workload_id is None:
        raise BadInput(text("This report has no log."))
    with as_user(user_id):
        workload: Workload = Workload.objects.get_for(user_id, workload_id)
    limits = fit_request(limits, workload.size, MAX_SECONDS)
    with open_log(
        workload, assumptions, data_dir=data_dir, temp=temp, limits=limits, price_file=price_file
    ) as analysis:
        usage, models = analysis.focus_usage(), analysis.prices.models
    if usage.unknown is not None:
        raise BadInput(usage.unknown)
    if total is None or float(usage.total) != total:
        raise Conflict(text("Prices have changed since this report. Ask again, then export the new report."))
    return to_focus_csv(usage, models)


def to_focus_csv(usage: FocusUsage, models: Sequence[PricedModel]) -> str:
    """Return the export as CSV. `models` are those that the log was priced with."""
    by_key = {model.key: model for model in models}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for group in usage.groups:
        sold = _describe_sold(group, by_key)
        shared = _build_shared_cells(usage, group, sold)
        for charge in group.charges:
            cells = {**shared, **_build_charge_cells(charge, sold)}
            writer.writerow([format_cell(cells.get(column)) for column in COLUMNS])
    return out.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class _SoldModel:
    """A model as the export names it. `name` is the price list's, else the log's."""

    provider: str
    name: str
    logged: str | None
    tier: str | None
    geography: str | None
    price_source: str


def _describe_sold(group: ChargeGroup, models: Mapping[int, PricedModel]) -> _SoldModel:
    if group.model is None:
        return _SoldModel(
            provider=group.stated_provider or UNKNOWN,
            name=group.stated_model or UNKNOWN,
            logged=group.stated_model,
            tier=None,
            geography=None,
            price_source=STATED,
        )
    model = models[group.model]
    return _SoldModel(
        provider=model.provider_id or model.provider or UNKNOWN,
        name=model.model_id or model.model or UNKNOWN,
        logged=model.model,
        tier=model.tier,
        geography=model.geography,
        price_source=model.history.value,
    )


def _build_shared_cells(usage: FocusUsage, group: ChargeGroup, model: _SoldModel) -> dict[str, str | None]:
    provider = model.provider
    names = dict(zip(usage.dimensions, group.values, strict=True))
    tags = {name: value for name, value in names.items() if value is not None}
    first, last = _get_period(group.start, usage.period)
    month_first, month_last = _get_period(group.start, "month")
    return {
        "BillingAccountId": UNKNOWN,
        "BillingAccountName": None,
        "BillingCurrency": "USD",
        "BillingPeriodStart": _format_time(month_first),
        "BillingPeriodEnd": _format_time(month_last),
        "ChargeCategory": "Usage",
        "ChargeFrequency": "Usage-Based",
        "ChargePeriodStart": _format_time(first),
        "ChargePeriodEnd": _format_time(last),
        **dict.fromkeys(("HostProviderName", "InvoiceIssuerName", "ProviderName", "PublisherName"), provider),
        "PricingCategory": "Standard",
        "RegionId": model.geography,
        "RegionName": model.geography,
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": "Language Model Inference",
        "ServiceProviderName": provider,
        "ServiceSubcategory": "Generative AI",
        "SubAccountId": names.get("team"),
        "SubAccountName": names.get("team"),
        "Tags": json.dumps(tags, ensure_ascii=False) if tags else None,
        "x_Model": model.logged,
        "x_PriceSource": model.price_source,
        "x_ServiceTier": model.tier or "standard",
    }


def _build_charge_cells(charge: Charge, model: _SoldModel) -> dict[str, str | None]:
    cost, unit = f"{charge.cost:f}", UNITS.get(charge.kind, "Tokens")
    priced, priced_unit = (
        (f"{charge.quantity}.0", unit)
        if charge.kind in UNITS
        else (f"{charge.quantity / MILLION:.6f}", f"{MILLION} {unit}")
    )
    return {
        **dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), cost),
        "ChargeDescription": f"{model.name}: {METERS[charge.kind]}",
        "ConsumedQuantity": f"{charge.quantity}.0",  # readers that guess types must read decimals
        "ConsumedUnit": unit,
        "PricingQuantity": priced,
        "PricingUnit": priced_unit,
        "SkuId": "/".join((model.provider, model.name, model.tier or "standard", charge.kind)),
        "SkuMeter": METERS[charge.kind],
        "x_TokenType": charge.kind,
    }


def _get_period(start: datetime, period: str) -> tuple[datetime, datetime]:
    """Return the beginning and the exclusive end of the day or month of `start`."""
    day = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return day, day + timedelta(days=1)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def _format_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
