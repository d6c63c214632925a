"""The savings levers, in the order in which the waterfall applies them.

The first avoid requests, the next change the model, then what can wait runs in batches. The prompt cache is last,
because a batch keeps no order for it and avoided requests don't warm it: it is replayed over what is left."""

from collections.abc import Mapping
from types import MappingProxyType

from workloads.levers import batch, prompt_cache, response_cache, retries, right_size
from workloads.levers.base import Lever

LEVERS: Mapping[str, Lever] = MappingProxyType(
    {
        "retries": retries.LEVER,
        "response_cache": response_cache.LEVER,
        "right_size": right_size.LEVER,
        "batch": batch.LEVER,
        "prompt_cache": prompt_cache.LEVER,
    }
)
