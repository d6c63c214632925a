"""What a user saw held against what their stream holds: everything in the range, once, in order, and nothing else."""

from collections import Counter
from collections.abc import Sequence

from netra.selftest.canaries import FIELDS
from netra.selftest.chain import Chain
from netra.selftest.stored import Stored
from netra.selftest.storm import Noted
from netra.selftest.tally import Tally


def compare(noted: Noted, kept: Stored | None) -> None:
    """Tell the tally of every difference."""
    tally = noted.tally
    if kept is None:
        tally.found("wrong", "the log", "the user has no stream")
        return
    chains = [*noted.chains, *([noted.log] if noted.log else [])]
    _holes(tally, kept, chains)
    for chain in chains:
        if chain.whole:  # else its ranges have told already
            _compare(tally, chain, kept)
    for ends in kept.ends.values():
        if ends != 1:
            tally.found(
                "double" if ends > 1 else "wrong", "the log", f"a run has more or less than one terminal event: {ends}"
            )
    if kept.incidents:
        tally.found("wrong", "the server", "an isolation incident was recorded", kept.incidents)
    _proves_something(tally)


def _compare(tally: Tally, chain: Chain, kept: Stored) -> None:
    if chain.at.epoch != kept.epoch:
        if chain.marks:
            tally.found("wrong", chain.where, "events of an epoch that is not the user's")
        return
    numbers = range(chain.start.seq + 1, chain.at.seq + 1)
    expected = [kept.marks[number] for number in numbers if number in kept.marks]
    known = set(expected)
    seen = [mark for mark in chain.marks if mark in known or mark not in chain.fleeting]
    if seen == expected:
        return
    missing, more = Counter(expected) - Counter(seen), Counter(seen) - Counter(expected)
    doubled = sum(times for mark, times in more.items() if mark in known)
    strange = more.total() - doubled
    if missing:
        tally.found("gap", chain.where, "an event within the ranges was not told", missing.total())
    if doubled:
        tally.found("double", chain.where, "an event was told twice", doubled)
    if strange:
        tally.found("wrong", chain.where, "an event was told that is not in the user's log", strange)
    if not missing and not more:
        tally.found("wrong", chain.where, "events were told in another order than they are in the log")


def _holes(tally: Tally, kept: Stored, chains: Sequence[Chain]) -> None:
    """These users delete nothing, so only texts that were being written may have left numbers without an event."""
    holes = kept.head - len(kept.marks)
    if holes and not any(chain.fleeting for chain in chains):
        tally.found("gap", "the log", "a number has no event", holes)


def _proves_something(tally: Tally) -> None:
    """A self-test that saw nothing would find nothing."""
    if not tally.events:
        tally.found("wrong", "sockets", "no event was seen: this self-test proves nothing")
    missing = [field for field in FIELDS if field not in tally.came_back]
    if missing:
        tally.found("wrong", "canaries", f"did not come back to their own user: {', '.join(missing)}")
