from uuid import UUID, uuid4

import pytest

from netra.selftest.canaries import FIELDS, fresh_canary
from netra.selftest.person import Person
from netra.selftest.sieve import sieves
from netra.selftest.tally import Tally


def person(number: int) -> Person:
    user_id = UUID(f"aabbccdd-0000-4000-8000-{number:012x}")
    return Person(user_id=user_id, name=f"selftest-{number:012x}", token="t", canary=fresh_canary())


ONE, OTHER = person(1), person(2)


def heard(text: str) -> Tally:
    tally = Tally(sieves((ONE, OTHER))[0])
    tally.heard(text.encode(), "here")
    return tally


@pytest.mark.parametrize(
    "text",
    [
        OTHER.canary.of("title"),
        OTHER.canary.of("title").upper(),
        OTHER.canary.of("title")[:20],  # cut to what a list shows
        fresh_canary().of("log"),  # of another self-test
        str(OTHER.user_id),
        OTHER.user_id.hex,
        str(OTHER.user_id).upper(),
        OTHER.name,
    ],
    ids=["canary", "loud canary", "cut canary", "another self-test's canary", "id", "short id", "loud id", "name"],
)
def test_what_is_anothers_is_seen(text: str) -> None:
    assert heard(f'{{"a":"{text}"}}').findings.total() == 1


def test_it_says_whose_it_is_and_from_which_field() -> None:
    (finding,) = heard(OTHER.canary.of("title")).findings
    assert (finding.kind, finding.user, finding.where) == ("foreign", ONE.name, "here")
    assert finding.what == f"canary (title) of {OTHER.name}"


def test_ones_own_is_none() -> None:
    own = " ".join(ONE.canary.of(field) for field in FIELDS)
    tally = heard(f"{own} {own[:20]} {ONE.user_id} {ONE.user_id.hex} {ONE.name} {uuid4()} aabbccdd-{uuid4()}")
    assert not tally.findings
    assert tally.came_back == set(FIELDS)
