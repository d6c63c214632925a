"""What is in deploy/ fits the code: its commands, settings, files and ports exist."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from netra.config import Environment
from netra.scale_out.proxy import TEMPORARY
from realtime.limits import HEARTBEAT
from workloads.uploads import PART_BYTES

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
SETTINGS = {
    *(f"NETRA_{name.upper()}" for name in Environment.model_fields),
    *(str(field.validation_alias) for field in Environment.model_fields.values() if field.validation_alias),
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_settings_and_commands_exist(path: Path) -> None:
    content = path.read_text()
    assert set(re.findall(r"\bNETRA_[A-Z_]+", content)) <= SETTINGS
    assert set(re.findall(r"manage\.py ([a-z_]+)", content)) <= {*get_commands(), "is"}


def test_the_image_copies_what_there_is() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()
    sources = [line.split()[1] for line in lines if line.startswith("COPY")]
    assert sources == ["requirements.txt", "."]
    ignored = set((ROOT / ".dockerignore").read_text().split())
    assert {".git", ".venv", "var", ".env"} <= ignored, "secrets, or gigabytes, would be in the image"
    assert "manage.py" not in ignored
    assert any(line == 'CMD ["run", "--host", "0.0.0.0"]' for line in lines)
    assert "USER netra" in lines


def test_the_container_gets_what_production_requires() -> None:
    compose: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    service = compose["services"]["netra"]
    assert {"NETRA_SECRET_KEY", "NETRA_ORIGINS", "NETRA_BEHIND_PROXY"} <= set(service["environment"])
    assert service["ports"] == [f"127.0.0.1:8000:{Environment.model_fields['port'].default}"]
    assert service["volumes"] == ["data:/var/lib/netra"]
    assert (ROOT / "deploy" / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_the_proxy_lets_parts_and_silent_websockets_through() -> None:
    content = (DEPLOY / "nginx/snippets/netra.conf").read_text()
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", content)
    assert int(megabytes) * 1024**2 > PART_BYTES
    timeouts = re.findall(r"proxy_(?:read|send)_timeout (\d+)s;", content)
    assert len(timeouts) == 2
    assert all(int(seconds) > 2 * HEARTBEAT for seconds in timeouts)


def test_nginx_accepts_the_site(tmp_path: Path) -> None:
    """Apart from its certificates, which are the operator's."""
    shutil.copytree(DEPLOY / "nginx", tmp_path / "nginx")
    site = (DEPLOY / "nginx/netra.conf").read_text()
    assert "include snippets/netra.conf;" in site
    plain = re.sub(r"ssl_certificate.*;", "", site).replace("listen 443 ssl", "listen 127.0.0.1:20443")
    (tmp_path / "nginx/netra.conf").write_text(plain.replace("listen 80", "listen 127.0.0.1:20080"))
    temporary = "".join(f"{name}_temp_path {tmp_path}/{name};" for name in TEMPORARY)
    main = tmp_path / "nginx/nginx.conf"
    main.write_text(f"pid {tmp_path}/pid; events {{}} http {{ access_log off; {temporary} include netra.conf; }}")
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        return  # the machines of those who change it have it
    command = [program, "-t", "-p", str(tmp_path), "-c", str(main), "-e", "stderr"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "warn" not in told.stderr


@pytest.mark.parametrize("path", sorted(DEPLOY.glob("systemd/*")), ids=lambda path: path.name)
def test_a_unit_is_well_formed(path: Path) -> None:
    sections = re.findall(r"^\[(\w+)\]$", path.read_text(), re.MULTILINE)
    wanted = {".service": "Service", ".timer": "Timer"}[path.suffix]
    assert sections[:2] == ["Unit", wanted]
    if path.suffix == ".timer":
        assert path.with_suffix(".service").is_file()
    else:
        program = re.findall(r"^ExecStart=(?:/bin/sh -c ')?(?:/opt/netra/)?(\S+)", path.read_text(), re.MULTILINE)
        assert program in ([".venv/bin/python"], [".venv/bin/daphne"])
    if shutil.which("systemd-analyze") is None:
        return  # what it checks beyond this, it checks on the machines of those who change a unit
    found = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
    assert [line for line in found.stderr.splitlines() if "is not executable" not in line] == []
