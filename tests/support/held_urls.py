"""The product's addresses and two more. `held/`: a request that has asked the database, keeps its connection, and waits
at a gate: until the file `go` is in the folder that HELD_IN names. Each says there, by a file, that it is at work.
`computing/`: the same for a request that has another process compute."""

import os
import time
from pathlib import Path
from uuid import uuid4

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import hold_computing_slot
from core.models import User
from netra.urls import urlpatterns as ours


@api_view()
def hold_request(request: Request) -> Response:
    return Response(wait_at_gate(request))


def wait_at_gate(request: Request) -> dict[str, int]:
    folder = Path(os.environ["HELD_IN"])
    found = User.objects.filter(username=request.user.get_username()).count()
    (folder / f"{request.user.get_username()}-{uuid4()}").touch()
    while not (folder / "go").exists():
        time.sleep(0.02)
    return {"found": found}


@api_view()
def compute(request: Request) -> Response:
    with hold_computing_slot(request):
        return Response(wait_at_gate(request))


urlpatterns = [path("held/", hold_request), path("computing/", compute), *ours]
