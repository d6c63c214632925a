"""Export a user's data as a ZIP file: rows as JSON, files as uploaded, reports. No passwords, keys or secrets."""

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from knox.models import AuthToken

from agents.models import REPORTING_AGENT, Step
from core.db import as_user, iter_owned_rows, list_owned_models
from core.exceptions import BadInput
from core.i18n.text import text
from core.models import User
from tools.policy.models import Policy, Subscription
from workloads.models import Upload, Workload


def export_user(user: User, to: Path, data_dir: Path) -> None:
    """Write a new file that only its owner can read, whole or not at all. Raises BadInput where there is one."""
    with _create_file(to) as file, ZipFile(file, "w", ZIP_DEFLATED) as target:
        _write_rows(target, "account.json", [build_profile(user)])
        for model in list_owned_models():
            _write_rows(target, f"{model._meta.model_name}.json", iter_owned_rows(model, user.id))
        for name, path in _iter_files(user, data_dir):
            _copy_file(target, name, path)
        for name, content in _iter_reports(user):
            target.writestr(name, content)


def _write_rows(target: ZipFile, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """A JSON array, a row to a line, without holding them all in memory."""
    with target.open(name, "w", force_zip64=True) as out:
        between = "[\n"
        for row in rows:
            out.write((between + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)).encode())
            between = ",\n"
        out.write(b"[]\n" if between == "[\n" else b"\n]\n")


def _iter_files(user: User, data_dir: Path) -> Iterator[tuple[str, Path]]:
    """Named by ids: what users call their files is data, in the JSON."""
    with as_user(user.id):
        logs = list(Workload.objects.for_user(user.id))
        uploads = list(Upload.objects.for_user(user.id).filter(workload=None))
    for log in logs:
        yield f"workload/{log.id}.raw", log.get_raw_path(data_dir)
        # Of a log that is not taken over by a reader yet, the bytes lie where they were uploaded to.
        yield f"workload/{log.id}.raw", Upload(id=log.id, owner_id=log.owner_id).get_path(data_dir)
        if not log.raw_kept:
            yield f"workload/{log.id}.duckdb", log.get_path(data_dir)
    for upload in uploads:
        yield f"upload/{upload.id}.part", upload.get_path(data_dir)


def _copy_file(target: ZipFile, name: str, path: Path) -> None:
    if name in target.NameToInfo:
        return
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return  # not there in this state, or deleted meanwhile
    with source, target.open(name, "w", force_zip64=True) as out:
        shutil.copyfileobj(source, out, 1 << 20)


def _iter_reports(user: User) -> Iterator[tuple[str, str]]:
    """As JSON, and as the Markdown that was the run's answer."""
    with as_user(user.id):
        told = list(Step.objects.for_user(user.id).filter(agent=REPORTING_AGENT).values_list("run_id", flat=True))
    for run_id in told:
        with as_user(user.id):
            step = (
                Step.objects.for_user(user.id)
                .filter(run_id=run_id, agent=REPORTING_AGENT)
                .select_related("run")
                .first()
            )
        if step is None:
            continue  # deleted meanwhile
        report, ending = step.output.get("report"), step.run.ending or {}
        yield f"report/{run_id}.json", json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        yield f"report/{run_id}.md", str(ending.get("answer") or "")


@contextmanager
def _create_file(path: Path) -> Iterator[IO[bytes]]:
    """A draft beside it, which becomes the file once all is in it."""
    if path.exists():
        raise BadInput(text("{path} is there already: it is not overwritten.", path=str(path)))
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput(
            text("{path} cannot be written: {problem}.", path=str(path), problem=error.strerror or "")
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError as error:
        raise BadInput(text("{path} is there already: it is not overwritten.", path=str(path))) from error
    finally:
        draft.unlink(missing_ok=True)


ACCOUNT_FIELDS = (
    *("id", "username", "display_name", "first_name", "last_name", "email"),
    *("is_active", "is_staff", "is_superuser", "date_joined", "last_login"),
)


def build_profile(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in ACCOUNT_FIELDS} | {
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "email_addresses": _load_rows(EmailAddress, user, "email", "verified", "primary"),
        "api_tokens": _load_rows(AuthToken, user, "token_key", "label__name", "created", "expiry"),
        "second_factors": _load_rows(Authenticator, user, "type", "created_at", "last_used_at"),
        "sign_ins": _load_rows(UserSession, user, "ip", "user_agent", "created_at", "last_seen_at"),
        "company_sign_ins": _load_rows(
            SocialAccount, user, "provider", "uid", "extra_data", "date_joined", "last_login"
        ),
        "plans": _load_rows(Subscription, user, "plan__name", "trial_ends"),
        "rules": _load_rows(
            Policy, user, "effect", "tool", "category", "limits", "valid_from", "valid_until", "reason"
        ),
    }


def _load_rows(model: type[Model], user: User, *columns: str) -> list[dict[str, Any]]:
    return list(model._default_manager.filter(user=user).order_by("pk").values(*columns))
