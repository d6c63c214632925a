"""The language model that an installation has chosen, and the notice before a remote one is asked: the kinds of data
that it gets, as the run's tools declare them.

Importing this module loads no model library."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from core.exceptions import BadInput
from core.i18n.text import Text, join_texts, text, verbatim_text
from tools.base import DISCLOSED_KINDS, WITHHELD_KINDS, DataKind, ToolSpec

OFFLINE = "offline"
Provider = Literal["offline", "openai", "anthropic"]

# Always passed to the providers' clients, which would otherwise read an address from environment variables of their
# own, while the notice names this one.
SERVER_URLS: Mapping[str, str] = MappingProxyType(
    {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}
)

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
        DataKind.REQUEST_IDS: text("request IDs"),
        DataKind.SESSION_IDS: text("session IDs"),
        DataKind.USER_NAMES: text("names of users"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """The model of an installation. `base_url` is the address of an OpenAI-compatible server.

    `timeout` limits one whole answer, in seconds. `attempts` counts the first request too.
    """

    provider: Provider
    name: str
    base_url: str | None = None
    api_key: str | None = None
    timeout: float = 60
    attempts: int = 3

    @property
    def server_url(self) -> str:
        return self.base_url or SERVER_URLS[self.provider]

    @property
    def is_remote(self) -> bool:
        """Whether data leave the machine. Then a notice (agents.llm.config) says which."""
        return self.provider != OFFLINE


class ModelEnvironment(Protocol):
    """The settings of an installation that choose its model."""

    model: str
    model_base_url: str | None
    model_api_key: SecretStr | None
    model_timeout_seconds: float
    model_attempts: int


def read_model_choice(environment: ModelEnvironment) -> ModelChoice:
    """Return the installation's model choice. Raises BadInput if it is invalid."""
    key = environment.model_api_key
    return parse_model_choice(
        environment.model,
        base_url=environment.model_base_url,
        api_key=key.get_secret_value() if key else None,
        timeout=environment.model_timeout_seconds,
        attempts=environment.model_attempts,
    )


def parse_model_choice(
    model: str, *, base_url: str | None, api_key: str | None, timeout: float, attempts: int
) -> ModelChoice:
    """Parse NETRA_MODEL and the settings that go with it. Raises BadInput if they are invalid."""
    if model == OFFLINE:
        return ModelChoice(provider="offline", name=OFFLINE)
    provider, _, name = model.partition(":")
    if provider not in ("openai", "anthropic") or not name.strip():
        raise BadInput(
            text(
                "NETRA_MODEL is {model}; it must be 'offline', 'openai:<model>' or 'anthropic:<model>'.",
                model=repr(model),
            )
        )
    if base_url:
        _check_address(provider, base_url)
    elif not api_key:
        raise BadInput(_build_missing_key_message(provider, repr(model)))
    return ModelChoice(
        provider="openai" if provider == "openai" else "anthropic",
        name=name,
        base_url=base_url or None,
        api_key=api_key or None,
        timeout=timeout,
        attempts=attempts,
    )


def _build_missing_key_message(provider: str, model: str) -> Text:
    if provider == "openai":
        return text(
            "NETRA_MODEL is {model}, which needs an API key. Set NETRA_MODEL_API_KEY, or set NETRA_MODEL_BASE_URL for "
            "your own server without a key.",
            model=model,
        )
    return text("NETRA_MODEL is {model}, which needs an API key. Set NETRA_MODEL_API_KEY.", model=model)


def _check_address(provider: str, base_url: str) -> None:
    if provider == "anthropic":
        raise BadInput(
            text("NETRA_MODEL_BASE_URL is for OpenAI-compatible servers. Use it with NETRA_MODEL=openai:<model>.")
        )
    if not _is_address(base_url):
        raise BadInput(
            text(
                "NETRA_MODEL_BASE_URL must be an address such as 'http://localhost:11434/v1', without a key. Put "
                "the key into NETRA_MODEL_API_KEY."
            )
        )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        return False
    # Users are shown the address, so it must hold no secret.
    has_only_address = not (parts.username or parts.password or parts.query or parts.fragment)
    return has_only_address and parts.scheme in ("http", "https") and bool(parts.hostname)


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
