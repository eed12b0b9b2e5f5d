"""A real PostgreSQL on loopback for one test session, from Debian's package."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def installed() -> bool:
    return bool(PROGRAMS) or shutil.which("initdb") is not None


@contextmanager
def running() -> Iterator[str]:
    """The URL of an empty database; PostgreSQL refuses to run as root and gets another user."""
    folder = Path(tempfile.mkdtemp(prefix="segmentry_postgres_"))
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    port = _free_port()
    data = folder / "data"
    _call(user, "initdb", "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    _call(user, "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql://owner:the-password@127.0.0.1:{port}/postgres"
    finally:
        _call(user, "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


def _call(user: str, program: str, *arguments: object) -> None:
    path = PROGRAMS[-1] / program if PROGRAMS else shutil.which(program)
    command = [str(path), *map(str, arguments)]
    as_user = {"user": user} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/tmp", **as_user)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
