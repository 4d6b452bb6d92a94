"""Whatever is done to a ledger behind its back is found, and the first entry concerned is named."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from finra_rules.ledger import Entry, Kept, Ledger, Verification, verify
from finra_rules.ledger.chain import hash_of, make_entry
from finra_rules.model.errors import LedgerError

from .making import ACTOR, AT, filled

ENTRIES = 500
IN_CI, ALL = 200, 1_000
Tampering = Callable[[sqlite3.Connection, random.Random], int | None]
"""Changes a ledger and returns the number of the first entry concerned, None where it is no entry."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("original") / "gifts.db"
    with Ledger.open(path) as ledger:
        filled(ledger, ENTRIES)
        assert verify(ledger).whole
    return path


def row(c: sqlite3.Connection, seq: int) -> tuple[str, str]:
    found: tuple[str, str] = c.execute("SELECT hash, body FROM entries WHERE seq = ?", [seq]).fetchone()
    return found


def change_a_byte_of_a_body(c: sqlite3.Connection, chance: random.Random) -> int:
    seq = chance.randint(1, ENTRIES)
    body = bytearray(row(c, seq)[1].encode())
    body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
    c.execute("UPDATE entries SET body = CAST(? AS TEXT) WHERE seq = ?", [bytes(body), seq])
    return seq


def change_a_hash(c: sqlite3.Connection, chance: random.Random) -> int:
    seq = chance.randint(1, ENTRIES)
    digits = list(row(c, seq)[0])
    at = chance.randrange(64)
    digits[at] = chance.choice([digit for digit in "0123456789abcdef" if digit != digits[at]])
    c.execute("UPDATE entries SET hash = ? WHERE seq = ?", ["".join(digits), seq])
    return seq


def change_a_body_and_its_hash(c: sqlite3.Connection, chance: random.Random) -> int:
    seq = chance.randint(1, ENTRIES)
    content = json.loads(row(c, seq)[1])
    content["actor"] = "somebody else"
    body = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    c.execute("UPDATE entries SET body = ?, hash = ? WHERE seq = ?", [body, hash_of(body), seq])
    return seq


def delete_entries(c: sqlite3.Connection, chance: random.Random) -> int:
    seq = chance.randint(1, ENTRIES - 1)
    c.execute("DELETE FROM entries WHERE seq BETWEEN ? AND ?", [seq, min(seq + chance.randrange(3), ENTRIES - 1)])
    return seq


def delete_an_entry_and_renumber(c: sqlite3.Connection, chance: random.Random) -> int:
    seq = chance.randint(1, ENTRIES - 1)
    c.execute("DELETE FROM entries WHERE seq = ?", [seq])
    for later in range(seq + 1, ENTRIES + 1):
        c.execute("UPDATE entries SET seq = ? WHERE seq = ?", [later - 1, later])
    c.execute("UPDATE head SET seq = seq - 1")
    return seq


def forged(c: sqlite3.Connection, seq: int) -> None:
    prev = row(c, seq - 1)[0] if seq > 1 else "0" * 64
    content = {"forged": True, "version": None}
    entry, body = make_entry(content, seq=seq, prev=prev, kind="import", at=AT, actor=ACTOR)
    c.execute("INSERT INTO entries VALUES (?, ?, ?)", [seq, entry.hash, body])


def insert_an_entry_and_renumber(c: sqlite3.Connection, chance: random.Random) -> int:
    seq = chance.randint(1, ENTRIES)
    for later in range(ENTRIES, seq - 1, -1):
        c.execute("UPDATE entries SET seq = ? WHERE seq = ?", [later + 1, later])
    forged(c, seq)
    c.execute("UPDATE head SET seq = seq + 1")
    return seq


def append_behind_the_ledger(c: sqlite3.Connection, chance: random.Random) -> int:
    forged(c, ENTRIES + 1)
    return ENTRIES + 1


def replace_an_entry_by_a_forged_one(c: sqlite3.Connection, chance: random.Random) -> int:
    seq = chance.randint(1, ENTRIES)
    c.execute("DELETE FROM entries WHERE seq = ?", [seq])
    forged(c, seq)
    return seq


def swap_two_entries(c: sqlite3.Connection, chance: random.Random) -> int:
    one, other = sorted(chance.sample(range(1, ENTRIES + 1), 2))
    rows = {one: row(c, other), other: row(c, one)}
    for seq, (digest, body) in rows.items():
        c.execute("UPDATE entries SET hash = ?, body = ? WHERE seq = ?", [digest, body, seq])
    return one


def renumber_an_entry(c: sqlite3.Connection, chance: random.Random) -> int:
    seq = chance.randint(1, ENTRIES)
    to = chance.choice([0, -seq, ENTRIES + chance.randint(2, 50)])
    c.execute("UPDATE entries SET seq = ? WHERE seq = ?", [to, seq])
    return 1 if to <= 0 else seq


def one_of(c: sqlite3.Connection, chance: random.Random, condition: str = "1", *given: object) -> int:
    """Return the number of some lookup row."""
    return int(
        chance.choice(c.execute(f"SELECT seq FROM versions WHERE {condition} ORDER BY seq", given).fetchall())[0]
    )


def change_a_lookup_row(c: sqlite3.Connection, chance: random.Random) -> None:
    column, value = chance.choice(
        [
            ("standing", "denied"), ("recipient_key", "id:nobody"), ("event_date", "1999-01-01"), ("firm_id", "x"), ("until_seq", 1),
            ("giver_id", None), ("origin", "guess"), ("content_seq", 0), ("since", "x"), ("request_seq", 0), ("until_seq", "x"), ("until_seq", 10**9),
        ]
    )  # fmt: skip
    seq = one_of(c, chance, f"{column} IS NOT ?", value)
    c.execute(f"UPDATE versions SET {column} = ? WHERE seq = ?", [value, seq])


def revive_a_closed_version(c: sqlite3.Connection, chance: random.Random) -> None:
    seq = one_of(c, chance, "until_seq IS NOT NULL")
    c.execute("DROP INDEX versions_request")
    c.execute("DROP INDEX versions_log")
    c.execute("UPDATE versions SET until_seq = NULL WHERE seq = ?", [seq])


def delete_a_lookup_row(c: sqlite3.Connection, chance: random.Random) -> None:
    c.execute("DELETE FROM versions WHERE seq = ?", [one_of(c, chance)])


def insert_a_lookup_row(c: sqlite3.Connection, chance: random.Random) -> None:
    without = c.execute("SELECT seq FROM entries WHERE seq NOT IN (SELECT seq FROM versions) ORDER BY seq").fetchall()
    free = chance.choice([*without, (0,), (-1,), (10_000,)])[0]
    c.execute(
        "INSERT INTO versions SELECT ?, content_seq, 'x', 'x', recipient_key, giver_id, occasion_id, event_date, 'cancelled', origin,"
        " since, request_id, request_seq, 1 FROM versions WHERE seq = ?",
        [free, one_of(c, chance)],
    )


def change_the_head(c: sqlite3.Connection, chance: random.Random) -> None:
    c.execute(
        chance.choice(
            [
                "UPDATE head SET seq = seq + 1",
                "UPDATE head SET hash = upper(hash)",
                "DELETE FROM head",
                "UPDATE head SET seq = 3",
            ]
        )
    )


def cut_the_tail(c: sqlite3.Connection, chance: random.Random) -> int:
    seq = chance.randint(2, ENTRIES)
    c.execute("DELETE FROM entries WHERE seq >= ?", [seq])
    return seq


TAMPERINGS: list[Tampering] = [
    change_a_byte_of_a_body, change_a_hash, change_a_body_and_its_hash, delete_entries, delete_an_entry_and_renumber,
    insert_an_entry_and_renumber, append_behind_the_ledger, replace_an_entry_by_a_forged_one, swap_two_entries, renumber_an_entry,
    change_a_lookup_row, revive_a_closed_version, delete_a_lookup_row, insert_a_lookup_row, change_the_head, cut_the_tail,
]  # fmt: skip


def tampered(original: Path, path: Path, tampering: Tampering, seed: int) -> tuple[Verification, int | None]:
    """Tamper with a copy; return what is found, and the first entry concerned."""
    shutil.copy(original, path)
    connection = sqlite3.connect(path)
    expected = tampering(connection, random.Random(seed))
    connection.commit()
    connection.close()
    with Ledger.open(path, create=False) as ledger:
        return verify(ledger), expected


def check(original: Path, folder: Path, seeds: range) -> None:
    missed = []
    for seed in seeds:
        tampering = TAMPERINGS[seed % len(TAMPERINGS)]
        found, expected = tampered(original, folder / f"{seed}.db", tampering, seed)
        if found.whole or (expected is not None and found.entry != expected):
            missed.append((seed, tampering.__name__, expected, found))
        for path in folder.glob(f"{seed}.db*"):
            path.unlink()
    assert missed == []


def test_every_tampering_is_found_and_the_first_entry_named(original: Path, tmp_path: Path):
    check(original, tmp_path, range(IN_CI))


@pytest.mark.long
def test_a_thousand_tamperings_are_found(original: Path, tmp_path: Path):
    check(original, tmp_path, range(IN_CI, IN_CI + ALL))


def cut_so_that_nothing_shows(c: sqlite3.Connection, seq: int) -> None:
    """Take back the last entries with every trace of them: what remains is the ledger as it once stood."""
    c.execute("DELETE FROM entries WHERE seq > ?", [seq])
    c.execute("DELETE FROM versions WHERE seq > ?", [seq])
    c.execute("UPDATE versions SET until_seq = NULL WHERE until_seq > ?", [seq])
    c.execute("UPDATE head SET seq = ?, hash = (SELECT hash FROM entries WHERE seq = ?)", [seq, seq])


def test_a_cut_without_a_trace_shows_by_the_hash_kept_elsewhere(original: Path, tmp_path: Path):
    with Ledger.open(original) as ledger, ledger.reading() as now:
        kept, earlier = now.head().hash, now.entry(300).hash
    path = tmp_path / "gifts.db"
    shutil.copy(original, path)
    connection = sqlite3.connect(path)
    cut_so_that_nothing_shows(connection, 400)
    connection.commit()
    connection.close()
    with Ledger.open(path) as ledger:
        assert verify(ledger).whole
        assert verify(ledger, earlier).whole
        found = verify(ledger, kept)
    assert not found.whole
    assert "not in the chain, which ends with entry 400" in str(found.problem)


def content_of(path: Path) -> tuple[list[Entry], list[Kept]]:
    with Ledger.open(path, create=False) as ledger, ledger.reading() as now:
        return list(now.entries()), [*now.current(), *(k for n in range(20) for k in now.find(f"E{n}"))]


def flipped(original: Path, path: Path, chance: random.Random) -> bool:
    """Flip a bit of the file; say whether it is found, or changes nothing that the ledger holds."""
    raw = bytearray(original.read_bytes())
    raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    path.write_bytes(raw)
    try:
        with Ledger.open(path, create=False) as ledger:
            if not verify(ledger).whole:
                return True
    except LedgerError:
        return True
    return content_of(path) == content_of(original)


def flip(original: Path, folder: Path, seeds: range) -> None:
    missed = [seed for seed in seeds if not flipped(original, folder / f"{seed}.db", random.Random(seed))]
    assert missed == []


def test_a_flipped_bit_of_the_file_is_found_or_changes_nothing(original: Path, tmp_path: Path):
    flip(original, tmp_path, range(100))


@pytest.mark.long
def test_a_thousand_flipped_bits_are_found_or_change_nothing(original: Path, tmp_path: Path):
    flip(original, tmp_path, range(100, 1_100))


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("UPDATE entries SET body = replace(body, 'rosa', 'tom') WHERE seq = 7", 7),
        ("DELETE FROM entries WHERE seq = 9", 9),
        ("DELETE FROM entries WHERE seq > 11", 12),
        ("UPDATE entries SET seq = -seq WHERE seq = 5", 1),
        ("UPDATE versions SET standing = 'denied' WHERE seq = 1", 1),
        ("UPDATE versions SET until_seq = 30 WHERE until_seq IS NULL AND seq < 30", 30),
        ("DELETE FROM versions", 1),
        ("UPDATE head SET hash = repeat('0', 64)", 40),
        ("ALTER TABLE versions DROP COLUMN since", None),
    ],
)
def test_tampering_on_postgresql_is_found(postgres_url: str, statement: str, entry: int | None):
    with Ledger.open(postgres_url) as ledger:
        filled(ledger, 40)
        with ledger.database.backend.writer.begin() as connection:
            connection.execute(text(statement))
        found = verify(ledger)
    assert not found.whole
    assert found.entry == entry


def test_history_refuses_an_entry_that_was_changed(original: Path, tmp_path: Path):
    path = tmp_path / "gifts.db"
    shutil.copy(original, path)
    connection = sqlite3.connect(path)
    connection.execute('UPDATE entries SET body = replace(body, \'"cost":"10.00"\', \'"cost":"1.00"\')')
    connection.commit()
    connection.close()
    with Ledger.open(path) as ledger, ledger.reading() as now:
        with pytest.raises(
            LedgerError,
            match=r"entry \d+ of the ledger was changed after it was recorded; run 'finra-rules ledger verify'",
        ):
            list(now.current())
        with pytest.raises(LedgerError, match="was changed after it was recorded"):
            list(now.entries())
