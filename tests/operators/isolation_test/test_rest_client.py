"""Answers of a server that is overloaded are no violations, and its wrong answers are."""

from uuid import UUID

import httpx2
import pytest

from operators.isolation_test import rest_client
from operators.isolation_test.canaries import CanaryUser, UserResults, build_detectors, create_canary
from operators.isolation_test.rest_client import RestClient


@pytest.mark.parametrize(
    ("method", "statuses", "found", "findings"),
    [
        ("GET", [504, 503, 200], {"a": 1}, 0),
        ("PATCH", [504, 200], None, 0),  # it may have been done
        ("GET", [429], None, 0),
        ("GET", [500], None, 1),
        ("GET", [404], None, 1),
    ],
)
async def test_only_wrong_answers_are_findings(
    method: str, statuses: list[int], found: object, findings: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_client, "RETRY_PAUSE", 0.0)
    left = iter(statuses)
    transport = httpx2.MockTransport(lambda request: httpx2.Response(next(left), json={"a": 1}))
    user = CanaryUser(user_id=UUID(int=1), name="selftest-1", token="", canary=create_canary())
    (detector,) = build_detectors([user])
    results = UserResults(detector)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        assert await RestClient(client, results).request(method, "me/") == found
    assert results.findings.total() == findings
