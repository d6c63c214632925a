"""The tool that compares the user's log with the invoice that was added to it."""

from core.i18n.text import text
from tools.base import Category, DataKind, NoInput, Reuse, SideEffects, Tool, ToolContext
from workloads.analysis.analysis import Analysis
from workloads.invoices.invoice import Reconciliation


async def run(_: NoInput, tool_context: ToolContext) -> Reconciliation | None:
    return await tool_context.session.ask(Analysis.reconciliation)


TOOL = Tool(
    name="reconcile_invoice",
    title=text("Compare with the invoice"),
    description="Compares the log's spend with its invoice: the difference, and its causes. None without an invoice.",
    input=NoInput,
    run=run,
    category=Category.ANALYTICS,
    side_effects=SideEffects.NONE,
    idempotent=True,
    reuse=Reuse.LOG,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES, DataKind.FILE_NAME, DataKind.MODEL_NAMES}),
)
