"""The REST interface against its own OpenAPI document, with requests that nobody would think of."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error

from tests.conftest import People
from tests.support.live_server import LiveServer
from tests.support.rest_clients import openapi
from tests.support.stream_client import token_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.soak]

schema = schemathesis.openapi.from_dict(openapi())


@schema.parametrize()
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_request_makes_it_fail(case: Case[Any], people: People, server: LiveServer) -> None:
    token = token_of(people.owner)
    answer = case.call(base_url=server.origin, headers={"Authorization": f"Token {token}"})
    case.validate_response(answer, checks=[not_a_server_error])
