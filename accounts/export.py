"""Export a user's data as a ZIP file: rows as JSON, files as uploaded, reports. No passwords, keys or secrets."""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
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
from core.files import draft_export
from core.models import User
from tools.policy.models import Policy, Subscription
from workloads.files.installed import get_log_files
from workloads.models import Upload, Workload

ACCOUNT_FIELDS = (
    *("id", "username", "display_name", "first_name", "last_name", "email"),
    *("is_active", "is_staff", "is_superuser", "date_joined", "last_login"),
)


def export_user(user: User, destination: Path, data_dir: Path) -> None:
    """Write a new file, readable by its owner only, completely or not at all. Raises BadInput if it exists."""
    with draft_export(destination) as draft, ZipFile(draft, "w", ZIP_DEFLATED) as archive:
        _write_rows(archive, "account.json", [build_profile(user)])
        for model in list_owned_models():
            _write_rows(archive, f"{model._meta.model_name}.json", iter_owned_rows(model, user.id))
        _copy_files(archive, user, data_dir)
        for name, content in _iter_reports(user):
            archive.writestr(name, content)


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


def _write_rows(archive: ZipFile, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write a JSON array, one row per line, without holding all rows in memory."""
    with archive.open(name, "w", force_zip64=True) as output:
        separator = "[\n"
        for row in rows:
            output.write((separator + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)).encode())
            separator = ",\n"
        output.write(b"[]\n" if separator == "[\n" else b"\n]\n")


def _copy_files(archive: ZipFile, user: User, data_dir: Path) -> None:
    """Copy the files of logs and uploads under their ids; the users' own names for them are in the JSON."""
    files = get_log_files(data_dir)
    with as_user(user.id):
        logs = list(Workload.objects.for_user(user.id))
        uploads = list(Upload.objects.for_user(user.id).filter(workload=None))
    for log in logs:
        with files.open_copy(log) as path:
            _copy_file(archive, f"workload/{log.id}.raw", path)
        if not log.raw_kept:
            with suppress(BadInput), files.open_log(log) as opened:
                _copy_file(archive, f"workload/{log.id}.duckdb", opened.path)
    for upload in uploads:
        with files.open_copy(upload) as path:
            _copy_file(archive, f"upload/{upload.id}.part", path)


def _copy_file(archive: ZipFile, name: str, path: Path) -> None:
    try:
        source = path.open("rb")
    except FileNotFoundError:
        return  # it does not exist in this state, or has just been deleted
    with source, archive.open(name, "w", force_zip64=True) as output:
        shutil.copyfileobj(source, output, 1 << 20)


def _iter_reports(user: User) -> Iterator[tuple[str, str]]:
    """Yield each report as JSON, and as the Markdown of the run's answer."""
    with as_user(user.id):
        run_ids = list(Step.objects.for_user(user.id).filter(agent=REPORTING_AGENT).values_list("run_id", flat=True))
    for run_id in run_ids:
        with as_user(user.id):
            step = (
                Step.objects.for_user(user.id)
                .filter(run_id=run_id, agent=REPORTING_AGENT)
                .select_related("run")
                .first()
            )
        if step is None:
            continue  # it has just been deleted
        report, ending = step.output.get("report"), step.run.ending or {}
        yield f"report/{run_id}.json", json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        yield f"report/{run_id}.md", str(ending.get("answer") or "")
