"""Who somebody is, and whether they still may."""

from tests.teeth.bug import Bug

BUGS = (
    Bug(
        name="a socket stays open after its session's end",
        file="realtime/auth.py",
        edits=((" or each.key not in valid:", ":"),),
        caught_by=("realtime/test_credential.py::test_it_is_withdrawn",),
    ),
    Bug(
        name="a password's change, or its user's end, closes nothing",
        file="realtime/auth.py",
        edits=(("if users.get(each.user_id) != each.stamp or each.key", "if each.key"),),
        caught_by=("realtime/test_credential.py::test_it_is_withdrawn",),
    ),
    Bug(
        name="an open socket's authority is not looked at again",
        file="realtime/connections.py",
        edits=(("            await sockets.look()\n", ""),),
        caught_by=("realtime/test_authority.py::test_every_socket_of_theirs_is_closed_and_nobody_elses[deactivated]",),
    ),
    Bug(
        name="whoever loses authority takes everybody's sockets along",
        file="realtime/connections.py",
        edits=(("for socket in self.all() if socket.credential in gone)", "for socket in self.all() if gone)"),),
        caught_by=("realtime/test_credential.py::test_only_their_sockets_are_closed",),
    ),
    Bug(
        name="all users share the number of sockets that one may have",
        file="realtime/connections.py",
        edits=(("if len(mine) >= SOCKETS:", "if len(self) >= SOCKETS:"),),
        caught_by=("realtime/test_credential.py::test_one_users_sockets_are_not_anothers",),
    ),
    Bug(
        name="a page of somebody else opens a socket with the user's cookie",
        file="realtime/auth.py",
        edits=(("elif origin in self._origins:", "elif origin:"),),
        caught_by=("realtime/test_consumers.py::test_a_browser_needs_its_session_and_our_origin",),
    ),
    Bug(
        name="a run goes on although its user may not act any more",
        file="agents/run_queue.py",
        edits=(("if not holds(given, authority.get(owner_id)):", "if given is None:"),),
        caught_by=("agents/test_leases.py::test_who_may_not_act_any_more_has_their_runs_stopped",),
    ),
    Bug(
        name="who was deactivated starts a run with an old context",
        file="agents/runs.py",
        edits=(("    if found is None:\n        raise NotAllowed", "    if found == '':\n        raise NotAllowed"),),
        caught_by=("agents/test_standing.py::test_who_was_deactivated_starts_nothing",),
    ),
    Bug(
        name="a name counts before an id: whoever is called like another's id stands in their place",
        file="core/users.py",
        edits=(("key = read_id(reference)", "key = None if users.filter(username=reference) else read_id(reference)"),),
        caught_by=("core/test_usernames.py::test_an_id_names_whose_it_is_and_no_one_who_is_called_so",),
    ),
    Bug(
        name="a stranger's wrong passwords count against everybody at once: five lock the account",
        file="accounts/attempt_limits.py",
        edits=(('narrow = f"{kind} {address}"', "narrow = kind"),),
        caught_by=("accounts/test_guesses.py::test_a_stranger_locks_nobody_out",),
    ),
    Bug(
        name="twice as many attempts are made as a limit allows",
        file="core/attempts.py",
        edits=(("            if count > counter.limit.most:", "            if count > 2 * counter.limit.most:"),),
        caught_by=("accounts/test_guesses.py::test_many_at_one_moment_are_no_more_than_the_limit",),
    ),
    Bug(
        name="whoever claims an address brings a device of their own along to guess for it",
        file="accounts/attempt_limits.py",
        edits=(("for each in owners if each not in devices]", "for each in owners if not devices]"),),
        caught_by=("accounts/test_guesses.py::test_whoever_claims_an_address_guesses_no_more_for_it",),
    ),
    Bug(
        name="a session that was left open sets a first password without a new sign-in",
        file="accounts/adapters.py",
        edits=(("not can_confirm(user) and not is_confirmed(self.request, user)", "False"),),
        caught_by=(
            "accounts/test_confirmation.py::"
            "test_who_comes_from_a_company_changes_it_right_after_signing_in_only[a password]",
        ),
    ),
    Bug(
        name="staff who look after accounts set the passwords of those who may do more",
        file="core/admin/user.py",
        edits=(("    return not named <= user.get_all_permissions()", "    return False"),),
        caught_by=("accounts/test_ranks.py::test_who_may_do_more_is_not_changed[_permitted]",),
    ),
    Bug(
        name="a session that was left open makes API tokens without the password",
        file="accounts/api.py",
        edits=(("if not is_confirmed(request._request, user):", "if user is None:"),),
        caught_by=("accounts/test_tokens.py::test_a_session_alone_makes_none",),
    ),
)
