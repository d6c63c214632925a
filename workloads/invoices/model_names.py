"""One name for a model on both sides: an invoice writes "Claude Sonnet 4.5", a log "claude-sonnet-4-5-20250929"."""

import re
from typing import Final

from workloads.pricing.pricer import LogModel, Pricer

_BEDROCK: Final = re.compile(
    r"^([a-z]{2,8}\.)?(anthropic|amazon|meta|mistral|cohere|ai21|deepseek)\.|-v\d{1,2}(:\d{1,2})?$"
)
"""What Amazon Bedrock puts before and after a maker's name of a model."""


class ModelKeys:
    """Looks each name up once: its key is the price list's name of the model, else the name itself in small letters."""

    def __init__(self, pricer: Pricer) -> None:
        self._pricer = pricer
        self._keys: dict[tuple[str | None, str | None], str] = {}

    def get_key(self, model: str | None, provider: str | None) -> str:
        """Return the key of a model; "" for none."""
        if (model, provider) not in self._keys:
            self._keys[model, provider] = self._find_key(model, provider)
        return self._keys[model, provider]

    def _find_key(self, model: str | None, provider: str | None) -> str:
        if model is None and not self._pricer.assumptions.assume_model:
            return ""
        for owner in (None, provider):
            name = LogModel(key=0, model=model, provider=owner, requests=None, tokens=0)
            if (listed := self._pricer.find_model(name)) is not None:
                return self._simplify(listed[1].id.rpartition("/")[2])
        return (model or "").strip().lower()

    def _simplify(self, name: str) -> str:
        """Return the maker's name of a model that a cloud lists under one of its own."""
        plain = _BEDROCK.sub("", name)
        if plain == name:
            return name
        listed = self._pricer.find_model(LogModel(key=0, model=plain, provider=None, requests=None, tokens=0))
        return plain if listed is None else _BEDROCK.sub("", listed[1].id.rpartition("/")[2])
