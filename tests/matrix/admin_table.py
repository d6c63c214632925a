"""Statuses of each admin page: for staff with every permission, and for the six callers without any."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from tests.matrix.row import Row

SIGN_IN, FORBIDDEN = 302, 403  # redirected to the sign-in; staff without the permission
RESTRICTED = Row(SIGN_IN, SIGN_IN, SIGN_IN, FORBIDDEN, SIGN_IN, FORBIDDEN)
"""Statuses of every page of a model. The owner is the user whose data it shows; the demoted caller stays staff."""


class Model(NamedTuple):
    """Statuses for staff with every permission: 403 is forbidden for everybody."""

    list: int
    add: int
    change: int
    history: int
    delete: int


class Page(NamedTuple):
    permitted: int
    others: Row[int]


# fmt: off
MODELS: Mapping[str, Model] = MappingProxyType({
    #                               list add  change hist. delete
    "auth/group":             Model(200, 200, 200, 200, 200),
    "core/event":             Model(200, 403, 200, 200, 403),
    "core/isolationincident": Model(200, 403, 200, 200, 403),
    "core/user":              Model(200, 200, 200, 200, 403),
    "workloads/workload":     Model(200, 403, 200, 200, 403),
    "workloads/upload":       Model(200, 403, 200, 200, 403),
    "tools/toolcall":         Model(200, 403, 200, 200, 403),
    "policy/plan":            Model(200, 200, 200, 200, 200),
    "policy/policy":          Model(200, 200, 200, 200, 403),
    "policy/subscription":    Model(200, 200, 200, 200, 200),
    "policy/policyversion":   Model(200, 403, 200, 200, 403),
    "spending/spend":         Model(200, 403, 200, 200, 403),
    "spending/budget":        Model(200, 200, 200, 200, 200),
    "audit/auditrow":         Model(200, 403, 200, 200, 403),
    "operating/consent":      Model(200, 403, 200, 200, 403),
    "agents/run":             Model(200, 403, 200, 200, 403),
    "agents/feedback":        Model(200, 403, 200, 200, 403),
    "agents/thread":          Model(200, 403, 200, 200, 403),
    "legacy/legacyuse":       Model(200, 403, 200, 200, 403),
    "legacy/rolloutrule":     Model(200, 200, 200, 200, 403),
    "legacy/rolloutversion":  Model(200, 403, 200, 200, 403),
    "legacy/runpath":         Model(200, 403, 200, 200, 403),
    "legacy/shadowresult":    Model(200, 403, 200, 200, 403),
    "knox/authtoken":         Model(200, 403, 200, 200, 200),
    "mfa/authenticator":      Model(200, 403, 200, 200, 200),
})

STAFF = Row(SIGN_IN, SIGN_IN, SIGN_IN, 200, SIGN_IN, 200)
"""Statuses of pages without rows: staff see the parts that their permissions allow."""
NOT_FOUND = Row(SIGN_IN, SIGN_IN, SIGN_IN, 404, SIGN_IN, 404)
"""Statuses of pages that do not exist. Callers who are not staff are redirected first."""

PAGES: Mapping[str, Page] = MappingProxyType({
    "admin/":                                             Page(200, STAFF),
    "admin/login/":                                       Page(302, Row(403, 403, SIGN_IN, 302, SIGN_IN, 302)),
    "admin/logout/":                                      Page(405, Row(SIGN_IN, SIGN_IN, SIGN_IN, 405, SIGN_IN, 405)),
    "admin/password_change/":                             Page(302, Row(SIGN_IN, SIGN_IN, SIGN_IN, 302, SIGN_IN, 302)),
    "admin/password_change/done/":                        Page(200, STAFF),
    "admin/autocomplete/":                                Page(403, RESTRICTED),
    "admin/jsi18n/":                                      Page(200, STAFF),
    "admin/r/<path:content_type_id>/<path:object_id>/":   Page(404, NOT_FOUND),
    "admin/core/user/<id>/password/":                     Page(200, RESTRICTED),
    "admin/policy/policy/why/":                           Page(200, RESTRICTED),
    "admin/legacy/rolloutrule/status/":                   Page(200, RESTRICTED),
    "admin/^(?P<app_label>{apps})/$":                     Page(200, NOT_FOUND),
    "admin/(?P<url>.*)$":                                 Page(404, NOT_FOUND),
})

ACTIONS: Mapping[str, str] = MappingProxyType({
    # action on selected rows                 required permission
    "core/isolationincident acknowledge":     "core.acknowledge_isolationincident",
    "policy/plan make_default":               "policy.change_plan",
    "policy/policy switch_off":               "policy.change_policy",
    "agents/run cancel":                      "operating.cancel_run",
    "agents/thread ask_consent":              "operating.ask_consent",
    "agents/thread read":                     "operating.read_conversation",
    "legacy/rolloutrule roll_back":           "legacy.change_rolloutrule",
    "auth/group delete_selected":             "auth.delete_group",
    "policy/subscription delete_selected":    "policy.delete_subscription",
    "spending/budget delete_selected":        "spending.delete_budget",
})
