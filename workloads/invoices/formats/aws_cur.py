"""AWS's Cost and Usage Report, old and new (CUR 2.0), whose columns have the same names but for their punctuation.

https://docs.aws.amazon.com/cur/latest/userguide/Lineitem-columns.html; a usage type names the model and the kind of
tokens ("USE1-Claude4.5Sonnet-input-tokens"), and what is bought in the Marketplace the model by its product."""

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
