"""The product's addresses and one more, `held/`: a request that has asked the database, keeps its connection, and waits
at a gate: until the file `go` is in the folder that HELD_IN names. Each says there, by a file, that it is at work."""

import os
import time
from pathlib import Path
from uuid import uuid4

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from core.models import User
from netra.urls import urlpatterns as ours


@api_view()
def hold_request(request: Request) -> Response:
    folder = Path(os.environ["HELD_IN"])
    found = User.objects.filter(username=request.user.get_username()).count()
    (folder / f"{request.user.get_username()}-{uuid4()}").touch()
    while not (folder / "go").exists():
        time.sleep(0.02)
    return Response({"found": found})


urlpatterns = [path("held/", hold_request), *ours]
