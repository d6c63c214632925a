"""A self-test from its users' making to their removal."""

import asyncio
from pathlib import Path

from netra.selftest.comparing import compare
from netra.selftest.people import guests
from netra.selftest.stored import stored
from netra.selftest.storm import Terms, storm
from netra.selftest.verdict import Verdict, verdict


def perform(terms: Terms, data_dir: Path) -> Verdict:
    """Raises OperatorError where there is no server to test. However it ends, its users are gone."""
    with guests(terms.users, terms.seconds, data_dir) as people:
        noted = asyncio.run(storm(terms, people))
        for each in noted:
            compare(each, stored(each.person.user_id))
    return verdict([each.tally for each in noted])
