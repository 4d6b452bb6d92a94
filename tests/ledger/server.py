"""A real PostgreSQL server for tests: made in a temporary directory, on a free port of the loopback, stopped whatever happens."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url

NEEDED = "FINRA_RULES_NEED_POSTGRES"
USER, PASSWORD = "keeper", "not-to-be-shown"


@dataclass(frozen=True)
class Server:
    """A running server; `url` names its maintenance database."""

    url: str

    def database(self, name: str) -> str:
        """Return the URL of another database on the server."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def execute(self, *statements: str) -> None:
        """Run statements in the maintenance database, each on its own."""
        engine = create_engine(URL.create("postgresql+psycopg").set(**_parts(self.url)), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()


def _parts(url: str) -> dict[str, object]:
    parsed = make_url(url)
    return {name: getattr(parsed, name) for name in ("username", "password", "host", "port", "database")}


def programs() -> Path | None:
    """Return the directory of initdb and pg_ctl, the newest there is; None if PostgreSQL's server is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(versions, key=lambda path: float(path.parent.name), default=None)


def _as_server_user(*command: object) -> list[str]:
    # PostgreSQL refuses to run as root.
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    return [*prefix, *map(str, command)]


def _run(*command: object) -> None:
    # What the server inherits it keeps: its output goes to files, or the pipes of the test run would never close.
    subprocess.run(
        _as_server_user(*command), check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=120, cwd="/"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """Start a server for the whole test run."""
    found = programs()
    if found is None:
        if os.environ.get(NEEDED) == "1":
            pytest.fail(f"{NEEDED}=1, but PostgreSQL's initdb is not installed (on Debian: apt-get install postgresql)")
        pytest.skip("PostgreSQL's server programs are not installed")
    folder = Path(tempfile.mkdtemp(prefix="finra-rules-postgres-"))
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (folder, secret):
                shutil.chown(path, "postgres")
        data, port = folder / "data", _free_port()
        _run(
            found / "initdb",
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200"
        _run(found / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
        try:
            yield Server(f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres")
        finally:
            _run(found / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """Make an empty database and return its URL."""
    name = f"ledger_{secrets.token_hex(6)}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    yield postgres_server.database(name)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")
