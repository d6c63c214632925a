import errno
from typing import Any

import psycopg
import pytest
from django.db import OperationalError
from rest_framework.test import APIClient

from core.db import is_disk_full_error
from core.models import User
from tests.conftest import People
from tests.support.workloads.uploaded_logs import LOG
from tests.workloads.api.conftest import SignedIn
from tools.policy.models import Plan, Subscription
from workloads import uploads
from workloads.models import Upload, Workload

pytestmark = pytest.mark.django_db

HALF = len(LOG) // 2


def begin(client: APIClient, **options: Any) -> Any:
    asked = {"name": "usage.csv", "size": len(LOG), **options}
    return client.post("/api/uploads/", asked, format="json")


def send(client: APIClient, upload: str, content: bytes, offset: object = 0, **headers: str) -> Any:
    return client.patch(
        f"/api/uploads/{upload}/",
        content,
        content_type=headers.pop("content_type", "application/octet-stream"),
        headers={"Upload-Offset": str(offset), **headers},
    )


def test_a_log_comes_in_parts(people: People, signed_in: SignedIn) -> None:
    client = signed_in(people.owner)
    begun = begin(client, fingerprint="f")
    assert begun.status_code == 201
    assert begun.json()["part_bytes"] == 8 * 1024**2
    upload = begun.json()["id"]
    first = send(client, upload, LOG[:HALF], **{"Upload-Fingerprint": "f"})
    assert (first.status_code, first.json()["offset"], "workload" in first.json()) == (200, HALF, False)
    assert client.get("/api/uploads/").json()["results"] == [first.json()]
    last = send(client, upload, LOG[HALF:], HALF, **{"Upload-Fingerprint": "f"})
    assert last.status_code == 200
    assert (last.json()["workload"]["state"], last.json()["workload"]["size"]) == ("queued", len(LOG))
    assert client.get("/api/uploads/").json()["results"] == []
    assert client.get(f"/api/uploads/{upload}/").json()["workload"] == last.json()["workload"]
    assert send(client, upload, b"", len(LOG), **{"Upload-Fingerprint": "f"}).json() == last.json()


def test_it_says_what_is_wrong_with_a_part(people: People, signed_in: SignedIn) -> None:
    client = signed_in(people.owner)
    upload = begin(client, fingerprint="f").json()["id"]
    assert send(client, upload, LOG, **{"Upload-Fingerprint": "g"}).json()["code"] == "file_changed"
    same = {"Upload-Fingerprint": "f"}
    moved = send(client, upload, LOG, 5, **same)
    assert (moved.status_code, moved.json()["code"], moved.json()["offset"]) == (409, "offset_mismatch", 0)
    long = send(client, upload, LOG + b"x", **same)
    assert (long.status_code, long.json()["code"]) == (400, "bad_input")
    assert client.get(f"/api/uploads/{upload}/").json()["offset"] == 0


@pytest.mark.parametrize("offset", ["", "-1", "1.5", "x", "٣", "9" * 30])
def test_a_part_says_where_it_begins(people: People, signed_in: SignedIn, offset: str) -> None:
    client = signed_in(people.owner)
    upload = begin(client).json()["id"]
    answer = send(client, upload, LOG, offset.encode().decode("latin-1"))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")


def test_a_part_is_bytes_and_not_a_form(people: People, signed_in: SignedIn) -> None:
    client = signed_in(people.owner)
    upload = begin(client).json()["id"]
    answer = send(client, upload, b'{"a": 1}', content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert Upload.objects.get().offset == 0


def test_a_part_has_a_limit(people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workloads.api.uploads.PART_BYTES", HALF)
    client = signed_in(people.owner)
    upload = begin(client).json()["id"]
    answer = send(client, upload, LOG)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert client.get(f"/api/uploads/{upload}/").json()["offset"] == 0


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"size": 0}, 400, "bad_input"),
        ({"size": -5}, 400, "bad_input"),
        ({"size": "many"}, 400, "bad_input"),
        ({"size": 1001}, 413, "too_large"),
        ({"size": 10**30}, 413, "too_large"),
        ({"format": "xlsx"}, 400, "bad_input"),
        ({"mapping": {"prize": "x"}}, 400, "bad_input"),
        ({"mapping": ["x"]}, 400, "bad_input"),
        ({"fingerprint": "x" * 201}, 400, "bad_input"),
    ],
)
def test_a_file_that_cannot_come_is_refused_at_once(
    people: People, signed_in: SignedIn, asked: dict[str, Any], status: int, code: str
) -> None:
    answer = begin(signed_in(people.owner), **asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]


def test_a_disk_without_room_is_told_at_once(
    people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workloads.api.uploads.get_disk_reserve", lambda: 1 << 60)
    answer = begin(signed_in(people.owner))
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")


@pytest.mark.parametrize("error", [OperationalError("database or disk is full"), OSError(errno.ENOSPC, "no room")])
def test_a_disk_without_room_is_told_in_the_same_words_to_everybody(
    people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(uploads, "start_upload", full)
    answer = begin(signed_in(people.owner))
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert answer.json()["message"] == "The server's disk is full. Nothing was saved. Try again later."


def test_so_is_one_on_postgresql() -> None:
    error = OperationalError("could not extend file")
    assert not is_disk_full_error(error)
    error.__cause__ = psycopg.errors.DiskFull()
    assert is_disk_full_error(error)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv"),
        ("a\u202efdp.exe\n", "afdp.exe"),
        ("../../../etc/passwd", "../../../etc/passwd"),
        ("", "log"),
        ("x" * 4000, "x" * 255),
    ],
)
def test_any_name_is_taken_as_data(people: People, signed_in: SignedIn, name: str, shown: str) -> None:
    assert begin(signed_in(people.owner), name=name).json()["name"] == shown


def test_an_upload_can_be_given_up(people: People, signed_in: SignedIn) -> None:
    client = signed_in(people.owner)
    upload = begin(client).json()["id"]
    assert client.delete(f"/api/uploads/{upload}/").status_code == 204
    assert client.delete(f"/api/uploads/{upload}/").status_code == 404


def test_a_stranger_gets_404_for_everything(people: People, signed_in: SignedIn) -> None:
    upload = begin(signed_in(people.owner)).json()["id"]
    for other in (people.neighbour, people.stranger):
        client = signed_in(other)
        answers = [
            client.get(f"/api/uploads/{upload}/"),
            send(client, upload, LOG),
            client.delete(f"/api/uploads/{upload}/"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 3
        assert {answer.json()["code"] for answer in answers} == {"not_found"}
        assert client.get("/api/uploads/").json()["results"] == []
    assert not Workload.objects.exists()


def test_nobody_signed_in_gets_401(people: People, signed_in: SignedIn) -> None:
    upload = begin(signed_in(people.owner)).json()["id"]
    client = APIClient()
    assert [begin(client).status_code, send(client, upload, LOG).status_code] == [401, 401]


def test_a_write_from_a_foreign_page_is_refused(people: People, signed_in: SignedIn) -> None:
    upload = begin(signed_in(people.owner)).json()["id"]
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(people.owner)
    assert send(browser, upload, LOG).status_code == 403
    assert Upload.objects.get().offset == 0


def test_without_room_it_says_what_is_used_and_allowed(people: People, signed_in: SignedIn) -> None:
    subscribe(people.owner, stored_mb=0)
    client = signed_in(people.owner)
    refused = begin(client)
    assert (refused.status_code, refused.json()["code"]) == (409, "over_quota")
    assert {name: refused.json()[name] for name in ("used_bytes", "limit_bytes", "needed_bytes")} == {
        "used_bytes": 0,
        "limit_bytes": 0,
        "needed_bytes": len(LOG),
    }
    assert client.post("/api/workloads/sample/").json()["code"] == "over_quota"
    assert begin(signed_in(people.neighbour)).status_code == 201


def test_a_smaller_plan_is_told_at_the_next_part(people: People, signed_in: SignedIn) -> None:
    client = signed_in(people.owner)
    upload = begin(client).json()["id"]
    subscribe(people.owner, stored_mb=0)
    assert send(client, upload, LOG).json()["code"] == "over_quota"
    assert client.get(f"/api/uploads/{upload}/").json()["offset"] == 0


def subscribe(user: User, *, stored_mb: int) -> None:
    plan = Plan.objects.create(slug="small", name="Small", rank=1, stored_mb=stored_mb)
    Subscription.objects.create(user=user, plan=plan)
