"""The LLM log of Azure API Management (table ApiManagementGatewayLlmLog; CSV or JSON).

https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/apimanagementgatewayllmlog"""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, Format

AZURE_APIM = Format(
    name="azure_apim",
    title=text("Azure API Management LLM log"),
    signature=frozenset({"*.CorrelationId", "*.DeploymentName", "*.PromptTokens", "*.CompletionTokens"}),
    fields=MappingProxyType(
        {
            "time": (
                "TimeGenerated",
                "TimeGenerated [UTC]",
                "time",
            ),
            "request_id": ("*.RequestId",),
            "model": (
                "*.ModelName",
                "*.DeploymentName",
            ),
            "input_tokens": ("*.PromptTokens",),
            "output_tokens": ("*.CompletionTokens",),
            "total_tokens": ("*.TotalTokens",),
            "streamed": ("*.IsStreamCompletion",),
            "environment": ("*.Region",),
            "team": (
                "*.ApimSubscriptionId",
                "*.ProductId",
            ),
        }
    ),
    lacks=MappingProxyType({"cached_tokens": NO_CACHED_TOKENS}),
)
