"""nginx of Debian's package in front of the servers, with the locations of deploy/nginx, and without TLS."""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from core.files import private_dir
from netra.config import BASE_DIR
from netra.scale_out.parts import ManagedProcess, accepts_connections, find_program, write_private_file

LOCATIONS = BASE_DIR / "deploy" / "nginx" / "snippets" / "netra.conf"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
CONFIGURATION = """\
{user}daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
worker_processes 1;
events {{
    worker_connections 8192;
}}
http {{
    access_log off;
    {temporary}
    upstream netra {{
        {servers}
    }}
    server {{
        listen 127.0.0.1:{port};
        include {locations};
    }}
}}
"""


def build_proxy_part(folder: Path, port: int, server_ports: Sequence[int]) -> ManagedProcess:
    own = private_dir(folder / "nginx")
    content = CONFIGURATION.format(
        # Its workers must reach these folders, which only this user can.
        user="user root;\n" if os.getuid() == 0 else "",
        folder=own,
        temporary="\n    ".join(f"{name}_temp_path {own}/{name};" for name in TEMPORARY),
        # Without max_fails=0, nginx would take a server that failed once for good only after its next connection has
        # ended, and a websocket ends late: until then it would send it one client in each fail_timeout.
        servers="\n        ".join(f"server 127.0.0.1:{each} max_fails=0;" for each in server_ports),
        port=port,
        locations=LOCATIONS,
    )
    file = write_private_file(folder / "nginx.conf", content)
    return ManagedProcess(
        name="proxy",
        command=(find_program("nginx"), "-p", str(own), "-c", str(file), "-e", "stderr"),
        stage=2,
        is_ready=partial(accepts_connections, port),
    )
