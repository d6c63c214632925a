"""The notice before a remote model is asked: the kinds of data that it gets, as the run's tools declare them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from agents.llm.config import ModelChoice
from core.i18n.text import Text, join_texts, text, verbatim_text
from tools.base import DISCLOSED_KINDS, WITHHELD_KINDS, DataKind, ToolSpec

KIND_NAMES: Mapping[DataKind, Text] = MappingProxyType(
    {
        DataKind.FIGURES: text("totals and distributions"),
        DataKind.SENTENCES: text("Netra's explanations of them"),
        DataKind.FILE_NAME: text("the log's file name"),
        DataKind.COLUMN_NAMES: text("its column names"),
        DataKind.MODEL_NAMES: text("the names of models"),
        DataKind.FEATURE_NAMES: text("the names of features"),
        DataKind.PLACE_NAMES: text("the names of providers, service tiers, regions and environments"),
        DataKind.ERROR_TEXTS: text("error texts"),
        DataKind.ROWS: text("rows"),
        DataKind.PROMPTS: text("prompts"),
        DataKind.HASHES: text("hashes"),
        DataKind.REQUEST_IDS: text("request ids"),
        DataKind.SESSION_IDS: text("session ids"),
        DataKind.USER_NAMES: text("users' names"),
    }
)


def build_notice(choice: ModelChoice, tools: Iterable[ToolSpec[Any]]) -> Text | None:
    """Return what a model gets in a run that may call `tools`; None if no data leave the machine.

    A kind that no tool declares is not sent, and no result that may contain a withheld kind is.
    """
    if not choice.is_remote:
        return None
    disclosed = [tool for tool in tools if not tool.result_kinds & WITHHELD_KINDS]
    sent = {kind for tool in disclosed for kind in tool.result_kinds} & DISCLOSED_KINDS
    return text(
        "This run uses the language model {model} at {server}. It receives your questions in this conversation and, "
        "computed or read from your log: {sent}. It does not receive {kept}. The names of teams, customers and API "
        "keys, and values of other columns, are replaced before anything is sent.",
        model=choice.name,
        server=choice.server_url,
        sent=_join_names(kind for kind in DataKind if kind in sent) or text("nothing"),
        kept=_join_names(kind for kind in DataKind if kind not in sent),
    )


def _join_names(kinds: Iterable[DataKind]) -> Text:
    return join_texts(", ", [KIND_NAMES.get(kind) or verbatim_text(kind.value) for kind in kinds])
