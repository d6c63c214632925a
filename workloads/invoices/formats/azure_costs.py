"""Azure's cost details, of Enterprise Agreements, Microsoft Customer Agreements and pay-as-you-go accounts.

https://learn.microsoft.com/azure/cost-management-billing/dataset-schema/cost-usage-details-ea and
.../cost-usage-details-mca; the latter states each cost in US dollars, too. A meter names the model and the kind of
tokens ("gpt-4o-0806-Inp-glbl Tokens")."""

from dataclasses import replace

from core.i18n.text import text
from workloads.invoices.formats.base import InvoiceFormat

AZURE_COSTS = InvoiceFormat(
    name="azure_costs",
    title=text("Azure cost details"),
    where=text("Azure portal, Cost Management, Exports, cost and usage details"),
    signature=frozenset({"MeterName", "MeterCategory"}),
    day=("Date", "UsageDate", "UsageDateTime"),
    amount=("CostInBillingCurrency", "Cost", "PreTaxCost"),
    currency=("BillingCurrencyCode", "BillingCurrency", "Currency"),
    skus=("MeterName", "MeterSubCategory", "ProductName"),
    charge=("ChargeType",),
    services=("MeterCategory", "MeterSubCategory", "MeterName", "ProductName"),
    service_words=("openai", "foundry", "gpt", "claude", "deepseek", "mistral", "llama", "grok", "phi-"),
)
AZURE_COSTS_USD = replace(
    AZURE_COSTS,
    name="azure_costs_usd",
    title=text("Azure cost details with costs in US dollars"),
    signature=frozenset({"meterName", "meterCategory", "costInUsd"}),
    amount=("costInUsd",),
    currency=(),
    default_currency="USD",
)
