from uuid import UUID, uuid4

import pytest

from operators.isolation_test.canaries import CANARY_FIELDS, CanaryUser, UserResults, build_detectors, create_canary


def make_user(number: int) -> CanaryUser:
    user_id = UUID(f"aabbccdd-0000-4000-8000-{number:012x}")
    return CanaryUser(user_id=user_id, name=f"selftest-{number:012x}", token="t", canary=create_canary())


ONE, OTHER = make_user(1), make_user(2)


def scan(text: str) -> UserResults:
    results = UserResults(build_detectors((ONE, OTHER))[0])
    results.scan_bytes(text.encode(), "here")
    return results


@pytest.mark.parametrize(
    "text",
    [
        OTHER.canary.for_field("title"),
        OTHER.canary.for_field("title").upper(),
        OTHER.canary.for_field("title")[:20],  # cut to what a list shows
        create_canary().for_field("log"),  # of another isolation test
        str(OTHER.user_id),
        OTHER.user_id.hex,
        str(OTHER.user_id).upper(),
        OTHER.name,
    ],
    ids=[
        "canary",
        "upper-case canary",
        "truncated canary",
        "another test's canary",
        "id",
        "short id",
        "upper-case id",
        "name",
    ],
)
def test_data_of_another_user_is_found(text: str) -> None:
    assert scan(f'{{"a":"{text}"}}').findings.total() == 1


def test_a_finding_names_the_owner_and_the_field() -> None:
    (finding,) = scan(OTHER.canary.for_field("title")).findings
    assert (finding.kind, finding.user, finding.where) == ("foreign", ONE.name, "here")
    assert finding.what == f"canary (title) of {OTHER.name}"


def test_own_data_is_no_finding() -> None:
    own = " ".join(ONE.canary.for_field(field) for field in CANARY_FIELDS)
    results = scan(f"{own} {own[:20]} {ONE.user_id} {ONE.user_id.hex} {ONE.name} {uuid4()} aabbccdd-{uuid4()}")
    assert not results.findings
    assert results.returned_fields == set(CANARY_FIELDS)
