import pytest
from django.test import RequestFactory

from core.concurrency.database_threads import SharedThreadExecutor
from core.scope_services import RequestServices, find_services, read_services
from core.stream.append import publish_to_nobody
from netra.server.scope_services import ServerServices
from realtime.connections import SocketServices
from tests.support.services import build_services


def test_each_layer_reads_the_same_object() -> None:
    scope = {"services": build_services()}
    assert {read_services(scope, kind) for kind in (RequestServices, SocketServices, ServerServices)} == {
        scope["services"]
    }


def test_services_of_another_kind_are_refused() -> None:
    database = SharedThreadExecutor()
    services = RequestServices(
        publish=publish_to_nobody, wake_workers=lambda: None, database=database, handshake_database=database
    )
    with pytest.raises(TypeError, match="RequestServices, not SocketServices"):
        read_services({"services": services}, SocketServices)


def test_a_request_without_a_server_has_none() -> None:
    assert find_services(RequestFactory().get("/"), RequestServices) is None
