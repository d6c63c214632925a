"""The claims of a request about itself, and how much it may send or leave unread."""

from tests.mutation.changes import remove, replace, return_only
from tests.mutation.mutation import Mutation

MUTATIONS = (
    Mutation(
        name="a header decides under which path the application is",
        of="netra.server.scopes:ScopeNormalizer.normalize",
        change=replace("{**scope, 'root_path': '', 'client': $client}", "{**scope, 'client': $client}"),
        caught_by=("netra/server/test_proxies.py::test_only_the_named_header_counts",),
    ),
    Mutation(
        name="a client's own word about its address is believed",
        of="netra.server.scopes:TrustedProxies.get_client_address",
        change=replace("$entries[-self.count]", "$entries[0]"),
        caught_by=("netra/server/test_proxies.py::test_an_address_is_the_peers_or_what_a_trusted_proxy_saw",),
    ),
    Mutation(
        name="a body of any length is stored before it is refused",
        of="netra.server.channels:LimitedHTTPChannel._check_body",
        change=replace("self.length > $limit", "False"),
        caught_by=("netra/server/test_bodies.py::test_a_huge_body_is_refused_by_its_length_and_nothing_of_it_is_kept",),
    ),
    Mutation(
        name="whoever sends a byte now and then is waited for",
        of="netra.server.channels:LimitedHTTPChannel._set_deadline",
        change=remove("self._deadline = None if seconds is None else self.callLater(...)"),
        caught_by=("netra/server/test_channels.py::test_headers_that_trickle_in_have_their_time",),
    ),
    Mutation(
        name="what a client has not read is written on to",
        of="netra.server.write_buffers:WriteBuffer.is_full",
        change=return_only("False"),
        caught_by=("netra/server/test_write_buffers.py::test_who_writes_waits_until_all_was_taken",),
    ),
    Mutation(
        name="an acknowledgement counts for having read",
        of="realtime.delivery:StreamSender._send",
        change=remove("await self._output.drain()"),
        caught_by=("faults/test_unread.py::test_blind_acknowledgements_and_resumes_accumulate_nothing[embedded]",),
    ),
    Mutation(
        name="all addresses share the number of connections that one may have",
        of="netra.server.connections:ServerConnectionRegistry._is_full",
        change=replace("self._addresses[$address]", "len(self._open)"),
        caught_by=("netra/server/test_connections.py::test_one_address_may_have_so_many_and_another_is_let_in",),
    ),
)
