"""The savings levers, in the order in which the waterfall applies them.

The first avoid requests, the next change the model and then the number of tokens, then what can wait is bought
at another tier or hour. A request is bought once: the first of these levers that puts it at another price keeps it.
The prompt cache is next, because a batch keeps no order for it and avoided requests don't warm it: it is replayed over
what is left. Capacity by the hour is held against what all that costs."""

from collections.abc import Mapping
from types import MappingProxyType

from workloads.levers import (
    batch,
    context_length,
    flex,
    off_peak,
    output_length,
    priority,
    prompt_cache,
    provisioned,
    response_cache,
    retries,
    right_size,
    tier_cliff,
)
from workloads.levers.base import Lever

LEVERS: Mapping[str, Lever] = MappingProxyType(
    {
        "retries": retries.LEVER,
        "response_cache": response_cache.LEVER,
        "right_size": right_size.LEVER,
        "output_length": output_length.LEVER,
        "context_length": context_length.LEVER,
        "tier_cliff": tier_cliff.LEVER,
        "priority": priority.LEVER,
        "batch": batch.LEVER,
        "flex": flex.LEVER,
        "off_peak": off_peak.LEVER,
        "prompt_cache": prompt_cache.LEVER,
        "provisioned": provisioned.LEVER,
    }
)
