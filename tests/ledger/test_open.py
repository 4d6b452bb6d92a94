"""What can be opened as a ledger, and the one line that says why something cannot."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from finra_rules.ledger import Ledger, verify
from finra_rules.model.errors import LedgerError

from .making import asked, event
from .server import PASSWORD, Server


def refused(url: str | Path, **options: object) -> str:
    """Return the line with which a ledger is refused."""
    with pytest.raises(LedgerError) as caught:
        Ledger.open(url, **options).close()  # type: ignore[arg-type]
    line = str(caught.value)
    assert "\n" not in line
    assert PASSWORD not in line
    return line


@pytest.mark.parametrize("prefix", ["", "sqlite:///"])
def test_a_file_is_named_by_path_or_url(tmp_path: Path, prefix: str):
    with Ledger.open(f"{prefix}{tmp_path / 'gifts.db'}") as ledger:
        ledger.writing(lambda w: asked(w, event("Q-1")))
    with Ledger.open(tmp_path / "gifts.db", create=False) as ledger:
        assert verify(ledger).head.seq == 1


def test_an_empty_file_becomes_a_ledger(tmp_path: Path):
    (tmp_path / "gifts.db").touch()
    with Ledger.open(tmp_path / "gifts.db") as ledger:
        assert verify(ledger).whole


def test_what_is_not_there_is_not_made_unasked(tmp_path: Path):
    assert "there is no ledger here" in refused(tmp_path / "gifts.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_what_is_something_else_is_refused_and_left_alone(tmp_path: Path):
    text = tmp_path / "gifts.csv"
    text.write_text("event_id,event_date\n" * 100)
    assert "not a SQLite database" in refused(text)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE clients (id)")
    connection.close()
    before = other.read_bytes()
    assert "this database is not a ledger" in refused(other)
    assert other.read_bytes() == before
    assert "is a directory" in refused(tmp_path)
    assert "cannot be opened: does its directory exist" in refused(tmp_path / "nowhere" / "gifts.db")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "in memory would keep nothing"),
        ("sqlite:///:memory:", "in memory would keep nothing"),
        ("mysql://me@host/gifts", "mysql: a ledger is kept in a file"),
        (f"postgresql://me:{PASSWORD}@host:port/gifts", "cannot be read"),
    ],
)
def test_a_url_that_names_no_ledger_is_refused(url: str, says: str):
    assert says in refused(url)


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'finra-rules[postgres]'" in refused("postgresql://me@host/gifts")


def test_postgresql_says_in_a_line_why_it_cannot_be_reached(postgres_server: Server):
    url = make_url(postgres_server.url)

    def text(**changes: object) -> str:
        return url.set(**changes).render_as_string(hide_password=False)  # type: ignore[arg-type]

    assert "no server answers there" in refused(text(port=1))
    assert "wrong user or password" in refused(text(password="wrong"))
    assert "a password is needed" in refused(postgres_server.url.replace(f":{PASSWORD}", ""))
    assert "there is no such database: make it with createdb" in refused(text(database="nowhere"))
    assert "there is no such host" in refused(text(host="host.invalid"))


def test_postgresql_says_that_a_user_has_no_rights(postgres_url: str, postgres_server: Server):
    with Ledger.open(postgres_url) as ledger:
        ledger.writing(lambda w: asked(w, event("Q-1")))
    name = make_url(postgres_url).database
    postgres_server.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'", f"GRANT CONNECT ON DATABASE {name} TO guest")
    try:
        guest = make_url(postgres_url).set(username="guest", password="guest").render_as_string(hide_password=False)
        with (
            Ledger.open(guest) as ledger,
            pytest.raises(LedgerError, match="may not use the ledger's tables"),
            ledger.reading() as now,
        ):
            now.head()
    finally:
        postgres_server.execute(f"REVOKE CONNECT ON DATABASE {name} FROM guest", "DROP ROLE guest")


def test_a_ledger_that_cannot_be_written_is_one_line(tmp_path: Path):
    with Ledger.open(tmp_path / "gifts.db") as ledger:
        ledger.writing(lambda w: asked(w, event("Q-1")))
    with Ledger.open(tmp_path / "gifts.db") as ledger:
        _refuse_writing(ledger)
        with pytest.raises(LedgerError, match="cannot be written"):
            ledger.writing(lambda w: asked(w, event("Q-2")))


def _refuse_writing(ledger: Ledger) -> None:
    # Permissions do not stop root, who runs the tests in a container; SQLite refuses in the same way when told to.
    from sqlalchemy import event as listening

    listening.listen(
        ledger.database.backend.writer,
        "engine_connect",
        lambda c: c.connection.cursor().execute("PRAGMA query_only = 1"),
    )


def test_many_processes_may_make_a_ledger_at_once(url: str):
    import subprocess

    code = (
        "import sys; from finra_rules.ledger import Ledger, verify; ledger = Ledger.open(sys.argv[1]);"
        " print(verify(ledger).whole); ledger.close()"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate(timeout=60)[0].strip() for process in running] == ["True"] * 4
