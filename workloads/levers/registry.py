"""The savings levers, in the order in which the waterfall applies them.

The first avoid requests, the next change the model and then the number of tokens, then what can wait is bought
at another tier or hour. A request is bought once: the first of these levers that puts it at another price keeps it.
The prompt cache is next, because a batch keeps no order for it and avoided requests don't warm it: it is replayed over
what is left. Capacity by the hour is held against what all that costs."""

from collections.abc import Mapping
from types import MappingProxyType

from workloads.levers import (
    batch,
    prompt_cache,
    provisioned,
    response_cache,
    retries,
    right_size,
    tier_cliff,
)
from workloads.levers.base import Lever
from workloads.levers.length_levers import CONTEXT_LENGTH, OUTPUT_LENGTH
from workloads.levers.waiting_levers import FLEX, OFF_PEAK, PRIORITY

LEVERS: Mapping[str, Lever] = MappingProxyType(
    {
        "retries": retries.LEVER,
        "response_cache": response_cache.LEVER,
        "right_size": right_size.LEVER,
        "output_length": OUTPUT_LENGTH,
        "context_length": CONTEXT_LENGTH,
        "tier_cliff": tier_cliff.LEVER,
        "priority": PRIORITY,
        "batch": batch.LEVER,
        "flex": FLEX,
        "off_peak": OFF_PEAK,
        "prompt_cache": prompt_cache.LEVER,
        "provisioned": provisioned.LEVER,
    }
)
