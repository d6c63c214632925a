"""The status that each caller gets of each REST route. Ids and bodies are the owner's, whoever calls
(tests/matrix/rest_calls.py)."""

from collections.abc import Mapping
from types import MappingProxyType

from tests.matrix.row import Row

# fmt: off
ROUTES: Mapping[str, Row[int]] = MappingProxyType({
    #                                                       owner other anon. demot. deact. oper.
    "GET api/schema/":                                   Row(200, 200, 200, 200, 200, 200),  # says nothing of anybody
    "GET api/texts/":                                    Row(200, 200, 200, 200, 200, 200),  # the same for everybody
    "GET api/me/":                                       Row(200, 200, 401, 200, 401, 200),  # of the caller
    "GET api/snapshot/":                                 Row(200, 200, 401, 200, 401, 200),
    "GET api/events/":                                   Row(200, 200, 401, 200, 401, 200),
    "GET api/workloads/":                                Row(200, 200, 401, 200, 401, 200),
    "POST api/workloads/sample/":                        Row(201, 201, 401, 201, 401, 201),
    "GET api/workloads/<uuid:pk>/":                      Row(200, 404, 401, 404, 401, 404),
    "PATCH api/workloads/<uuid:pk>/":                    Row(200, 404, 401, 404, 401, 404),
    "DELETE api/workloads/<uuid:pk>/":                   Row(204, 404, 401, 404, 401, 404),
    "PATCH api/workloads/<uuid:pk>/assumptions/":        Row(200, 404, 401, 404, 401, 404),
    "GET api/workloads/<uuid:pk>/prices/":               Row(200, 404, 401, 404, 401, 404),
    "POST api/workloads/<uuid:pk>/read/":                Row(202, 404, 401, 404, 401, 404),
    "DELETE api/workloads/<uuid:pk>/read/":              Row(409, 404, 401, 404, 401, 404),  # it is not being read
    "POST api/workloads/<uuid:pk>/query/":              Row(400, 404, 401, 404, 401, 404),  # a log without a file
    "POST api/workloads/<uuid:pk>/query/rows/":         Row(400, 404, 401, 404, 401, 404),
    "GET api/workloads/<uuid:pk>/invoice/":              Row(200, 404, 401, 404, 401, 404),
    "PUT api/workloads/<uuid:pk>/invoice/":              Row(200, 404, 401, 404, 401, 404),
    "DELETE api/workloads/<uuid:pk>/invoice/":           Row(204, 404, 401, 404, 401, 404),
    "GET api/uploads/":                                  Row(200, 200, 401, 200, 401, 200),
    "POST api/uploads/":                                 Row(201, 201, 401, 201, 401, 201),
    "GET api/uploads/<uuid:pk>/":                        Row(200, 404, 401, 404, 401, 404),
    "PATCH api/uploads/<uuid:pk>/":                      Row(200, 404, 401, 404, 401, 404),
    "DELETE api/uploads/<uuid:pk>/":                     Row(204, 404, 401, 404, 401, 404),
    "GET api/threads/":                                  Row(200, 200, 401, 200, 401, 200),
    "POST api/threads/":                                 Row(201, 201, 401, 201, 401, 201),
    "GET api/threads/<uuid:pk>/":                        Row(200, 404, 401, 404, 401, 404),
    "PATCH api/threads/<uuid:pk>/":                      Row(200, 404, 401, 404, 401, 404),
    "DELETE api/threads/<uuid:pk>/":                     Row(204, 404, 401, 404, 401, 404),
    "GET api/threads/<uuid:pk>/conversation.md":         Row(200, 404, 401, 404, 401, 404),
    "GET api/runs/":                                     Row(200, 200, 401, 200, 401, 200),
    "POST api/runs/":                                    Row(201, 404, 401, 404, 401, 404),  # in the owner's thread
    "GET api/runs/<uuid:pk>/":                           Row(200, 404, 401, 404, 401, 404),
    "POST api/runs/<uuid:pk>/cancel/":                   Row(202, 404, 401, 404, 401, 404),
    "GET api/runs/<uuid:pk>/answer/":                    Row(200, 404, 401, 404, 401, 404),
    "GET api/runs/<uuid:pk>/report/":                    Row(200, 404, 401, 404, 401, 404),
    "GET api/runs/<uuid:pk>/report/<str:name>":          Row(200, 404, 401, 404, 401, 404),
    "PUT api/runs/<uuid:pk>/feedback/":                  Row(200, 404, 401, 404, 401, 404),
    "GET api/runs/<uuid:pk>/calls/<path:call_id>/":      Row(200, 404, 401, 404, 401, 404),
    "GET api/reports/":                                  Row(200, 200, 401, 200, 401, 200),
    "GET api/consents/":                                 Row(200, 200, 401, 200, 401, 200),
    "POST api/consents/<uuid:pk>/give/":                 Row(200, 404, 401, 404, 401, 404),
    "POST api/consents/<uuid:pk>/decline/":              Row(200, 404, 401, 404, 401, 404),
    "POST api/consents/<uuid:pk>/withdraw/":             Row(200, 404, 401, 404, 401, 404),
    "GET api/tokens/":                                   Row(200, 200, 401, 200, 401, 200),
    "POST api/tokens/":                                  Row(403, 403, 401, 403, 401, 403),  # the password again first
    "DELETE api/tokens/<str:pk>/":                       Row(204, 404, 401, 404, 401, 404),
})
