"""The cost exports that can be read: a line here for each, and what identifies it in a module beside this one."""

from core.i18n.text import text
from workloads.invoices.formats.base import InvoiceFormat
from workloads.invoices.formats.clouds import (
    AWS_CUR,
    AZURE_COSTS,
    AZURE_COSTS_USD,
    FOCUS,
    GOOGLE_BILLING_EXPORT,
    GOOGLE_COST_TABLE,
)
from workloads.invoices.formats.providers import (
    ANTHROPIC_COSTS_API,
    ANTHROPIC_COSTS_CSV,
    OPENAI_COSTS_API,
    OPENAI_COSTS_CSV,
    OPENROUTER_API,
    OPENROUTER_CSV,
)

PLAIN = InvoiceFormat(
    name="plain",
    title=text("Table of costs (columns detected)"),
    where=text("a CSV with the columns day, model and amount"),
    day=(
        *(
            "day",
            "date",
            "usage_date",
            "usage_date_utc",
            "start_time",
            "starting_at",
            "created_at",
            "timestamp",
            "time",
        ),
        *("usage_start_time", "UsageDate", "period", "datum"),
        *("bucket_start", "month", "invoice_date"),
    ),
    amount=(
        *("amount_usd", "cost_usd", "costinusd", "costusd", "amount_value", "amount.value", "amount", "billed"),
        *("billed_amount", "costInBillingCurrency", "pretaxcost"),
        *("cost", "total_cost", "costs", "spend", "usage_cost", "net_amount", "charge", "total", "price", "betrag"),
        *("kosten", "montant", "amount_eur", "cost_eur", "amount_gbp", "cost_gbp"),
    ),
    currency=(
        "currency",
        "currency_code",
        "amount_currency",
        "amount.currency",
        "billingCurrency",
    ),
    model=("model", "model_name", "model_id", "model_version", "model_permaslug", "modell"),
    item=(
        *(
            "line_item",
            "item",
            "description",
            "usage_type",
            "sku",
            "meter",
        ),
        *("metername", "sku.description", "product", "service"),
    ),
    kind=("token_type", "kind", "usage_kind", "type"),
    charge=("cost_type", "charge_type"),
    tier=("service_tier", "tier"),
)
"""Any table with a day, an amount of money and perhaps a model, by the names of its columns."""

INVOICE_FORMATS: tuple[InvoiceFormat, ...] = (
    OPENAI_COSTS_API,
    OPENAI_COSTS_CSV,
    ANTHROPIC_COSTS_API,
    ANTHROPIC_COSTS_CSV,
    OPENROUTER_CSV,
    OPENROUTER_API,
    FOCUS,
    AWS_CUR,
    AZURE_COSTS_USD,
    AZURE_COSTS,
    GOOGLE_BILLING_EXPORT,
    GOOGLE_COST_TABLE,
    PLAIN,
)
"""The first one that fits a file counts."""
