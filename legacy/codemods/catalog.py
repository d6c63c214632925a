"""Every codemod, in the order in which they work on an agent; each goes on from what the one before it left."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from legacy.codemods.agent import Agent
from legacy.codemods.clashes import none
from legacy.codemods.compliant import declared
from legacy.codemods.constructor import dropped
from legacy.codemods.dispatching import by_hand
from legacy.codemods.hands import opened
from legacy.codemods.opening import first_thought
from legacy.codemods.reading import read_from_context
from legacy.codemods.remembering import forgotten
from legacy.codemods.results import handed_on
from legacy.codemods.sending import sent_as_thoughts
from legacy.codemods.signature import briefed
from legacy.codemods.streaming import told_always
from legacy.codemods.telling import thought

CODEMODS: Mapping[str, Callable[[Agent], Agent]] = MappingProxyType(
    {
        "clashes": none,
        "remembering": forgotten,
        "constructor": dropped,
        "streaming": told_always,
        "telling": thought,
        "sending": sent_as_thoughts,
        "dispatching": by_hand,
        "reading": read_from_context,
        "opening": first_thought,
        "results": handed_on,
        "hands": opened,
        "signature": briefed,
        "compliant": declared,
    }
)
