"""One name for a model on both sides: an invoice writes "Claude Sonnet 4.5", a log "claude-sonnet-4-5-20250929"."""

from workloads.pricing.pricer import LogModel, Pricer


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
                return listed[1].id.rpartition("/")[2]
        return (model or "").strip().lower()
