"""What a request says of itself, and how much it may send or leave unread."""

from tests.teeth.bug import Bug

BUGS = (
    Bug(
        name="a header decides under which path the application is",
        file="netra/server/scopes.py",
        edits=(('"root_path": "", ', ""),),
        caught_by=("server/test_proxies.py::test_only_the_named_header_counts",),
    ),
    Bug(
        name="a client's own word about its address is believed",
        file="netra/server/scopes.py",
        edits=(("seen = parse_address(entries[-self.count])", "seen = parse_address(entries[0])"),),
        caught_by=("server/test_proxies.py::test_an_address_is_the_peers_or_what_a_trusted_proxy_saw",),
    ),
    Bug(
        name="a body of any length is stored before it is refused",
        file="netra/server/channels.py",
        edits=(("        if self.length > limit:\n            return too_large(limit)\n", ""),),
        caught_by=("server/test_bodies.py::test_a_huge_body_is_refused_by_its_length_and_nothing_of_it_is_kept",),
    ),
    Bug(
        name="whoever sends a byte now and then is waited for",
        file="netra/server/channels.py",
        edits=(("self._deadline = None if seconds is None else self.callLater(seconds, self._expire)", ""),),
        caught_by=("server/test_channels.py::test_headers_that_trickle_in_have_their_time",),
    ),
    Bug(
        name="what a client has not read is written on to",
        file="netra/server/write_buffers.py",
        edits=(("return self._full and not self._released", "return False"),),
        caught_by=("server/test_write_buffers.py::test_who_writes_waits_until_all_was_taken",),
    ),
    Bug(
        name="an acknowledgement counts for having read",
        file="realtime/delivery.py",
        edits=(("        await self._out.drained()\n", ""),),
        caught_by=("faults/test_unread.py::test_acknowledging_blindly_and_beginning_anew_piles_up_nothing[embedded]",),
    ),
    Bug(
        name="all addresses share the number of connections that one may have",
        file="netra/server/connections.py",
        edits=(("self._addresses[address] >=", "len(self._open) >="),),
        caught_by=("server/test_connections.py::test_one_address_may_have_so_many_and_another_is_let_in",),
    ),
)
