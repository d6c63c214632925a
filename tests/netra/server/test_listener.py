import socket
from pathlib import Path

import pytest

from core.exceptions import OperatorError
from netra.server.listener import open_listener, refuse_remote_host
from tests.support.running_worker import environment


def test_it_listens_on_the_address_that_it_took() -> None:
    with open_listener("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        assert listener.getsockname()[0] == "127.0.0.1"


def test_a_taken_port_is_said_with_another_one_to_take() -> None:
    with open_listener("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OperatorError, match=f"Port {port} is in use.* make run PORT=") as said:
            open_listener("127.0.0.1", port)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(("host", "port"), [("no such host", 8000), ("::1", 8000), ("192.0.2.1", 8000)])
def test_an_address_of_elsewhere_is_refused(host: str, port: int) -> None:
    with pytest.raises(OperatorError):
        open_listener(host, port)


def test_in_development_others_get_in_only_where_somebody_said_how(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="NETRA_ORIGINS"):
        refuse_remote_host(environment(tmp_path), "0.0.0.0")
    refuse_remote_host(environment(tmp_path), "127.0.0.1")
    refuse_remote_host(environment(tmp_path, origins="http://192.0.2.1:8000"), "0.0.0.0")
    refuse_remote_host(environment(tmp_path, environment="production"), "0.0.0.0")
