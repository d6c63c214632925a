"""Bills of clouds, in which language models are some lines among many others: AWS, Azure, Google Cloud, and FOCUS."""

from dataclasses import replace

from core.i18n.text import text
from workloads.invoices.formats.base import InvoiceFormat

AWS_CUR = InvoiceFormat(
    name="aws_cur",
    title=text("AWS Cost and Usage Report"),
    where=text("AWS console, Billing and Cost Management, Data Exports"),
    signature=frozenset({"lineItem/UsageStartDate", "lineItem/UnblendedCost", "lineItem/LineItemType"}),
    day=("lineItem/UsageStartDate",),
    amount=("lineItem/UnblendedCost",),
    currency=("lineItem/CurrencyCode",),
    skus=("lineItem/UsageType", "product/ProductName", "lineItem/LineItemDescription"),
    charge=("lineItem/LineItemType",),
    services=("lineItem/ProductCode", "product/ProductName", "lineItem/LineItemDescription"),
    service_words=("bedrock",),
    default_currency="USD",
)
"""The Cost and Usage Report, old and new (CUR 2.0), whose columns have the same names but for their punctuation.

https://docs.aws.amazon.com/cur/latest/userguide/Lineitem-columns.html; a usage type names the model and the kind of
tokens ("USE1-Claude4.5Sonnet-input-tokens"), and what is bought in the Marketplace the model by its product."""

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
"""Cost details of Enterprise Agreements, Microsoft Customer Agreements and pay-as-you-go accounts.

https://learn.microsoft.com/azure/cost-management-billing/dataset-schema/cost-usage-details-ea; a meter names the model
and the kind of tokens ("gpt-4o-0806-Inp-glbl Tokens")."""
AZURE_COSTS_USD = replace(
    AZURE_COSTS,
    name="azure_costs_usd",
    title=text("Azure cost details with costs in US dollars"),
    signature=frozenset({"meterName", "meterCategory", "costInUsd"}),
    amount=("costInUsd",),
    currency=(),
    default_currency="USD",
)
"""Those of Microsoft Customer Agreements (.../cost-usage-details-mca) state each cost in US dollars, too."""

_GOOGLE_WORDS = ("vertex ai", "gemini", "generative language", "agent platform", "claude", "anthropic")

GOOGLE_BILLING_EXPORT = InvoiceFormat(
    name="google_billing_export",
    title=text("Google Cloud billing export (BigQuery)"),
    where=text("Google Cloud console, Billing, Billing export, the table gcp_billing_export_v1"),
    signature=frozenset({"sku.description", "usage_start_time", "cost"}),
    other_signatures=(frozenset({"sku_description", "usage_start_time", "cost"}),),
    day=("usage_start_time",),
    amount=("cost",),
    currency=("currency",),
    skus=("sku.description", "sku_description"),
    charge=("cost_type",),
    credits=("credits",),
    services=("service.description", "service_description", "sku.description", "sku_description"),
    service_words=_GOOGLE_WORDS,
)
"""The export to BigQuery, saved as JSON or as a table; `credits` are in a list of their own beside the cost.

https://docs.cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/standard-usage; a SKU's description names
the model and the kind of tokens ("Generate content input token count gemini 2.5 flash short input text")."""
GOOGLE_COST_TABLE = InvoiceFormat(
    name="google_cost_table",
    title=text("Google Cloud cost table"),
    where=text("Google Cloud console, Billing, Cost table, Download CSV"),
    signature=frozenset({"Service description", "SKU description", "Usage start date"}),
    day=("Usage start date",),
    amount=("Unrounded cost", "Cost", "Subtotal"),
    currency=("Currency",),
    skus=("SKU description",),
    charge=("Cost type",),
    credit_type=("Credit type",),
    services=("Service description", "SKU description"),
    service_words=_GOOGLE_WORDS,
)
"""The console's cost table. Credits are on lines of their own."""

FOCUS = InvoiceFormat(
    name="focus",
    title=text("FOCUS (AWS, Azure, Google Cloud)"),
    where=text("the cloud's billing exports, as FOCUS"),
    signature=frozenset({"BilledCost", "BillingCurrency", "ChargePeriodStart"}),
    day=("ChargePeriodStart",),
    amount=("BilledCost",),
    currency=("BillingCurrency",),
    model=("x_Model", "x_model"),
    skus=("ChargeDescription", "SkuMeter", "SkuId"),
    charge=("ChargeCategory",),
    services=("ServiceCategory", "ServiceName"),
    service_words=(
        *("ai and machine learning", "bedrock", "openai", "foundry", "vertex ai", "gemini", "generative language"),
        *("anthropic", "claude", "gpt", "llm", "mistral", "deepseek", "llama", "token"),
    ),
)
"""The FinOps Foundation's columns for bills, which AWS, Azure and Google Cloud export (https://focus.finops.org)."""
