"""What a request says of itself, and how much it may send or leave unread."""

from tests.teeth.bug import Bug

BUGS = (
    Bug(
        name="a header decides under which path the application is",
        file="netra/server/scopes.py",
        edits=(('"root_path": "", ', ""),),
        caught_by=("server/test_addresses.py::test_a_root_path_makes_no_other_path_of_one",),
    ),
    Bug(
        name="a client's own word about its address is believed",
        file="netra/server/proxies.py",
        edits=(("seen = parse_address(entries[-self.count])", "seen = parse_address(entries[0])"),),
        caught_by=("server/test_proxies.py::test_an_address_is_the_peers_or_what_a_trusted_proxy_saw",),
    ),
)
