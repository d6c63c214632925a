"""Identity, and whether it still holds."""

from tests.mutation.changes import remove, replace
from tests.mutation.mutation import Mutation

MUTATIONS = (
    Mutation(
        name="a socket stays open after its session's end",
        of="realtime.auth:find_withdrawn_credentials",
        change=replace("$credential.key not in $valid_keys", "False"),
        caught_by=("realtime/test_auth.py::test_withdrawn_credentials_are_found",),
    ),
    Mutation(
        name="a password's change, or its user's end, closes nothing",
        of="realtime.auth:find_withdrawn_credentials",
        change=replace("$users.get($credential.user_id) != $credential.fingerprint", "False"),
        caught_by=("realtime/test_auth.py::test_withdrawn_credentials_are_found",),
    ),
    Mutation(
        name="an open socket's authority is not looked at again",
        of="realtime.connections:supervise_connections",
        change=remove("await $connections.close_unauthorized()"),
        caught_by=("realtime/test_authority.py::test_all_sockets_of_the_user_and_no_others_are_closed[deactivated]",),
    ),
    Mutation(
        name="whoever loses authority takes everybody's sockets along",
        of="realtime.connections:ConnectionRegistry.close_unauthorized",
        change=replace("$socket.credential in $withdrawn", "$withdrawn"),
        caught_by=("realtime/test_auth.py::test_only_the_users_sockets_are_closed",),
    ),
    Mutation(
        name="all users share the number of sockets that one may have",
        of="realtime.connections:ConnectionRegistry.add",
        change=replace("len($sockets) >= USER_SOCKETS", "len(self) >= USER_SOCKETS"),
        caught_by=("realtime/test_auth.py::test_sockets_are_kept_apart_by_user",),
    ),
    Mutation(
        name="a page of somebody else opens a socket with the user's cookie",
        of="realtime.auth:WebSocketAuthMiddleware._authenticate",
        change=replace("$origin in self._origins", "$origin"),
        caught_by=("realtime/test_consumer.py::test_a_browser_needs_its_session_and_our_origin",),
    ),
    Mutation(
        name="a run goes on although its user may not act any more",
        of="agents.supervision:inspect_runs",
        change=replace("is_fingerprint_current(...)", "True"),
        caught_by=("agents/test_run_queue.py::test_runs_of_a_user_without_authority_are_stopped",),
    ),
    Mutation(
        name="who was deactivated starts a run with an old context",
        of="agents.run_conditions:authorize_start",
        change=replace("$fingerprint is None", "False"),
        caught_by=("agents/test_authority.py::test_a_deactivated_user_starts_no_run",),
    ),
    Mutation(
        name="a name counts before an id: whoever is called like another's id stands in their place",
        of="core.users:find_user",
        change=replace(
            "parse_id(reference)", "None if User.objects.filter(username=reference) else parse_id(reference)"
        ),
        caught_by=("core/test_username_rules.py::test_an_id_finds_its_user_and_not_one_of_that_name",),
    ),
    Mutation(
        name="a stranger's wrong passwords count against everybody at once: five lock the account",
        of="accounts.attempt_limits:_build_stranger_counters",
        change=replace("f'{kind} {address}'", "kind"),
        caught_by=("accounts/test_attempt_limits.py::test_a_stranger_locks_nobody_out",),
    ),
    Mutation(
        name="twice as many attempts are made as a limit allows",
        of="core.attempts:count_attempt",
        change=replace("$count > $counter.limit.max_attempts", "$count > 2 * $counter.limit.max_attempts"),
        caught_by=("accounts/test_attempt_limits.py::test_concurrent_attempts_do_not_exceed_the_limit",),
    ),
    Mutation(
        name="whoever claims an address brings a device of their own along to guess for it",
        of="accounts.attempt_limits:_count_sign_in_attempt",
        change=replace("$user_id not in $devices", "not $devices"),
        caught_by=("accounts/test_attempt_limits.py::test_claiming_an_address_allows_no_more_guesses",),
    ),
    Mutation(
        name="a session that was left open sets a first password without a new sign-in",
        of="accounts.adapters:AccountAdapter.is_reauthentication_required",
        change=replace("can_reauthenticate(...)", "True"),
        caught_by=(
            "accounts/test_reauthentication.py::"
            "test_company_users_change_sign_in_only_right_after_signing_in[a password]",
        ),
    ),
    Mutation(
        name="staff who look after accounts set the passwords of those who may do more",
        of="core.admin.user:has_higher_rank",
        change=replace("not $permissions <= user.get_all_permissions()", "False"),
        caught_by=("accounts/test_privileges.py::test_a_more_privileged_user_cannot_be_changed[_permitted]",),
    ),
    Mutation(
        name="a session that was left open makes API tokens without the password",
        of="accounts.api:TokenViewSet.create",
        change=replace("is_recently_authenticated(...)", "True"),
        caught_by=("accounts/test_tokens.py::test_a_session_alone_creates_no_token",),
    ),
)
