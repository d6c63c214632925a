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
from netra.databases import build_database_settings
from netra.scale_out.proxy import TEMPORARY
from realtime.limits import HEARTBEAT
from workloads.uploads import PART_BYTES

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
EXAMPLES = {"NETRA_ORIGINS": "https://netra.example.com"}
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
    assert {".git", ".venv", "var", "**/.env"} <= ignored, "secrets, or gigabytes, would be in the image"
    assert "manage.py" not in ignored
    assert any(line == 'CMD ["run", "--host", "0.0.0.0"]' for line in lines)
    assert "USER netra" in lines
    assert any("chmod 700 /var/lib/netra" in line for line in lines), "or the server refuses to start (netra.E014)"


def read_compose(name: str) -> dict[str, Any]:
    """The services of a compose file, with the anchors that it refers to."""
    services: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text())["services"]
    return services


def test_the_container_gets_what_production_requires() -> None:
    service = read_compose("compose.yaml")["netra"]
    assert {"NETRA_SECRET_KEY", "NETRA_ORIGINS", "NETRA_BEHIND_PROXY"} <= set(service["environment"])
    assert service["ports"] == [f"127.0.0.1:8000:{Environment.model_fields['port'].default}"]
    assert service["volumes"] == ["data:/var/lib/netra"]
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_several_containers_get_settings_that_fit_together() -> None:
    services = read_compose("compose.scale-out.yaml")
    ours = {name: service for name, service in services.items() if service["image"] == "netra"}
    assert set(ours) == {"migrate", "server-1", "server-2", "worker"}
    for name, service in ours.items():
        variables = {key: fill_in(value) for key, value in service["environment"].items()}
        environment = Environment(_env_file=None, environment="production", **to_fields(variables))
        assert (environment.runner, environment.processes, environment.proxy_count) == (False, 2, 1)
        assert (environment.database_owner_url is not None) == (name == "migrate"), "only migrations own tables"
        assert build_database_settings(environment)["HOST"] in services
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        for needed in service["depends_on"]:
            assert needed in services
    published = {name for name, service in services.items() if "ports" in service}
    assert published == {"proxy"}, "PostgreSQL and Redis are not for others"


def test_the_containers_files_and_commands_exist() -> None:
    services = read_compose("compose.scale-out.yaml")
    mounted = [volume.split(":")[0] for service in services.values() for volume in service.get("volumes", ())]
    files = {DEPLOY / path for path in mounted if path.startswith("./")} - {DEPLOY / "tls"}
    assert all(path.exists() for path in files)
    assert len(files) == 3
    assert {services[name]["command"][0] for name in ("migrate", "worker")} <= set(get_commands())
    upstream = set(re.findall(r"server ([\w-]+):8000", (DEPLOY / "nginx/compose.conf").read_text()))
    assert upstream == {name for name in services if name.startswith("server-")} == set(services["proxy"]["depends_on"])
    assert {"**/.env", "deploy/tls"} <= set((ROOT / ".dockerignore").read_text().split())


def fill_in(value: str) -> str:
    """The value with something for each variable of the operator's."""
    return re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: EXAMPLES.get(found[1], "secret"), value)


def to_fields(variables: dict[str, str]) -> dict[str, Any]:
    """The arguments of `Environment` for these variables: lists are split by it only where it reads them itself."""
    return {
        key.removeprefix("NETRA_").lower() if key.startswith("NETRA_") else key: value
        for key, value in variables.items()
    }


def test_the_proxy_lets_parts_and_silent_websockets_through() -> None:
    content = (DEPLOY / "nginx/snippets/netra.conf").read_text()
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", content)
    assert int(megabytes) * 1024**2 > PART_BYTES
    timeouts = re.findall(r"proxy_(?:read|send)_timeout (\d+)s;", content)
    assert len(timeouts) == 2
    assert all(int(seconds) > 2 * HEARTBEAT for seconds in timeouts)


@pytest.mark.parametrize("name", ["netra.conf", "compose.conf"])
def test_nginx_accepts_the_site(tmp_path: Path, name: str) -> None:
    """Apart from its certificates, which are the operator's, and names of containers."""
    shutil.copytree(DEPLOY / "nginx", tmp_path / "nginx")
    site = (DEPLOY / "nginx" / name).read_text()
    assert "include snippets/netra.conf;" in site
    plain = re.sub(r"ssl_certificate.*;", "", site).replace("443 ssl", "443").replace("server-", "127.0.0.")
    (tmp_path / "nginx/netra.conf").write_text(re.sub(r"listen \d*(\d\d)", r"listen 127.0.0.1:200\1", plain))
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
    if "Type=exec" in path.read_text():
        assert "KillMode=mixed\n" in path.read_text()
    if shutil.which("systemd-analyze") is None:
        return  # what it checks beyond this, it checks on the machines of those who change a unit
    found = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, check=False)
    assert [line for line in found.stderr.splitlines() if "is not executable" not in line] == []
