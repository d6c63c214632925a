"""What one request to a language model costs, by the offline price list. What is not in it has no known price."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from genai_prices.data_snapshot import get_snapshot

from workloads.modelnames import Catalogue
from workloads.rates import Rate, rates_of


@dataclass(frozen=True, slots=True)
class ModelPrices:
    """The list that ships with the price library; made once per process, as making it reads all of it."""

    catalogue: Catalogue = field(default_factory=Catalogue)

    def cost(
        self,
        model: str,
        address: str | None,
        *,
        input_tokens: int,
        cache_read: int,
        cache_write: int,
        output_tokens: int,
    ) -> Decimal | None:
        """In US dollars, at this moment's price. None for a model or a server that the list does not know: a model
        of that name on a server of one's own does not cost what its maker asks."""
        rate = self._rate(model, address, input_tokens)
        if rate is None:
            return None
        fresh = max(0, input_tokens - cache_read - cache_write)
        spent = fresh * rate.fresh + cache_read * rate.cache_read + cache_write * rate.cache_write
        return spent + output_tokens * rate.output

    def _rate(self, model: str, address: str | None, input_tokens: int) -> Rate | None:
        provider = _provider(address)
        found = self.catalogue.find(model, provider) if provider else None
        if found is None:
            return None
        now = datetime.now(UTC)
        day, second = now.replace(tzinfo=None), now.hour * 3600 + now.minute * 60 + now.second
        for rate in rates_of(found[1]):
            dated = rate.valid_from <= day < rate.valid_to and rate.from_second <= second < rate.to_second
            if dated and rate.min_input <= input_tokens <= rate.max_input:
                return rate
        return None


def _provider(address: str | None) -> str | None:
    """The list's name of whoever runs the server at this address."""
    if not address:
        return None
    return next((each.id for each in get_snapshot().providers if re.match(each.api_pattern, address)), None)
