"""The savings levers, in the order in which the waterfall applies them.

The first avoid requests; the next change the model, then the price of input, then the price of everything left."""

from collections.abc import Mapping
from types import MappingProxyType

from workloads.levers import batch, prompt_cache, response_cache, retries, right_size
from workloads.levers.base import Lever

LEVERS: Mapping[str, Lever] = MappingProxyType(
    {
        "retries": retries.LEVER,
        "response_cache": response_cache.LEVER,
        "right_size": right_size.LEVER,
        "prompt_cache": prompt_cache.LEVER,
        "batch": batch.LEVER,
    }
)
