"""The network that a client is counted by."""

import pytest
from django.test import RequestFactory

from core.networks import (
    LOCAL,
    get_client_network,
    get_scope_network,
    parse_address,
    to_narrow_network,
    to_wide_network,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7:443 ", "192.0.2.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
    ],
)
def test_an_address_is_parsed_however_it_is_written(text: str, address: str) -> None:
    assert str(parse_address(text)) == address


@pytest.mark.parametrize("text", ["", "unknown", "unix:/run/netra.sock", "192.0.2", "300.1.1.1"])
def test_what_is_no_address_is_local(text: str) -> None:
    assert parse_address(text) is None
    assert to_narrow_network(text) == to_wide_network(text) == LOCAL


def test_all_addresses_of_one_customer_are_one_network() -> None:
    assert to_narrow_network("192.0.2.7") == "192.0.2.7/32"
    assert to_wide_network("192.0.2.7") == to_wide_network("192.0.2.99") == "192.0.2.0/24"
    assert to_narrow_network("2001:db8:1:2::1") == to_narrow_network("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert to_wide_network("2001:db8:1:2::1") == to_wide_network("2001:db8:1:ffff::1") == "2001:db8:1::/48"
    assert to_narrow_network("2001:db8:1:2::1") != to_narrow_network("2001:db8:1:3::1")


def test_requests_and_sockets_of_one_client_are_counted_together() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="2001:db8:1:2::1")
    assert get_client_network(request) == get_scope_network({"client": ("2001:db8:1:2::2", 50_000)})
    assert get_scope_network({"client": None}) == get_scope_network({}) == LOCAL
