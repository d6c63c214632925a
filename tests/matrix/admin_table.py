"""What each page of the admin answers to who may do everything, and to the six who may not."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from tests.matrix.row import Row

DOOR, NO = 302, 403  # sent to the sign-in; staff without the permission
SHUT = Row(DOOR, DOOR, DOOR, NO, DOOR, NO)
"""Of every page of a model. The owner is a user whose things are shown there; who is demoted stays staff."""


class Model(NamedTuple):
    """The answers to staff with every permission: 403 is what nobody may do there."""

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
    "agents/thread":          Model(200, 403, 200, 200, 403),
    "legacy/legacyuse":       Model(200, 403, 200, 200, 403),
    "legacy/rolloutrule":     Model(200, 200, 200, 200, 403),
    "legacy/rolloutversion":  Model(200, 403, 200, 200, 403),
    "legacy/runpath":         Model(200, 403, 200, 200, 403),
    "legacy/shadowresult":    Model(200, 403, 200, 200, 403),
    "knox/authtoken":         Model(200, 403, 200, 200, 200),
    "mfa/authenticator":      Model(200, 403, 200, 200, 200),
})

STAFF = Row(DOOR, DOOR, DOOR, 200, DOOR, 200)
"""Shows no row of anything: staff see of it what their permissions leave."""
NOWHERE = Row(DOOR, DOOR, DOOR, 404, DOOR, 404)
"""Not there; who may not know that is sent to the door before."""

PAGES: Mapping[str, Page] = MappingProxyType({
    "admin/":                                             Page(200, STAFF),
    "admin/login/":                                       Page(302, Row(NO, NO, DOOR, 302, DOOR, 302)),
    "admin/logout/":                                      Page(405, Row(DOOR, DOOR, DOOR, 405, DOOR, 405)),
    "admin/password_change/":                             Page(302, Row(DOOR, DOOR, DOOR, 302, DOOR, 302)),
    "admin/password_change/done/":                        Page(200, STAFF),
    "admin/autocomplete/":                                Page(403, SHUT),
    "admin/jsi18n/":                                      Page(200, STAFF),
    "admin/r/<path:content_type_id>/<path:object_id>/":   Page(404, NOWHERE),
    "admin/core/user/<id>/password/":                     Page(200, SHUT),
    "admin/policy/policy/why/":                           Page(200, SHUT),
    "admin/legacy/rolloutrule/status/":                   Page(200, SHUT),
    "admin/^(?P<app_label>{apps})/$":                     Page(200, NOWHERE),
    "admin/(?P<url>.*)$":                                 Page(404, NOWHERE),
})

ACTIONS: Mapping[str, str] = MappingProxyType({
    # what is done to chosen rows             the permission of it
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
