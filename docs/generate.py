"""Make what can be made of the documentation: the pages of columns and of rules, and the outputs of commands shown in pages.

``python docs/generate.py`` writes, ``--check`` only compares. In a page, the fenced block after a comment
``<!-- run: audit LOG -->`` holds what that command prints.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from finra_rules.model.fields import CLIENT_FIELDS, CONTACT_FIELDS, EVENT_FIELDS, PERSON_FIELDS, Field, FieldType
from finra_rules.rulebook.load import load_rulebook
from finra_rules.rulebook.page import rules_page

DOCS = Path(__file__).resolve().parent
COLUMNS_PAGE = DOCS / "log-columns.md"
RULES_PAGE = DOCS / "rules.md"
SHOWN = re.compile(r"(<!-- run: (?P<command>.+?) -->\n```\n).*?(```\n)", re.DOTALL)
HOLDS = {
    FieldType.TEXT: "text",
    FieldType.WORD: "one of",
    FieldType.WORDS: "one or more of, separated by `;`:",
    FieldType.YES_NO: "`yes` or `no`",
    FieldType.MONEY: "an amount: `1234.50`, no sign, no thousands separator",
    FieldType.DATE: "a date: `2026-03-30`",
    FieldType.TIME: "a time: `14:30:00`",
    FieldType.COUNT: "a whole number, at least 1",
    FieldType.MOMENT: "a moment with its offset from UTC: `2026-03-30T14:05:00-04:00`; or a date",
}
NOTES = {
    "event_id": "Identifies the event. Rows with the same firm, event and recipient are one event.",
    "event_time": "Puts events of one day in order; blank comes first.",
    "giver_name": "Shown in findings.",
    "giver_employer": "Of an outside giver.",
    "recipient_id": "Your own number for the person. Or give name and employer.",
    "recipient_name": "With the employer it identifies a recipient without id.",
    "recipient_employer": "See `recipient_name`.",
    "for_whom": "To whom it was handed.",
    "occasion_id": "Things given on one occasion; blank: the same firm, recipient and date.",
    "during_event_id": "The `event_id` of the entertainment during which it was handed over.",
    "election": "Of a contribution; those that name none are taken as of one.",
    "approved_recipient_id": "As `recipient_id`.",
    "approved_cost": "In the same currency as the cost, with or without tax and delivery as that.",
    "proper_place": "Of a meeting for training (category `training_meeting`).",
    "agreement_on": "For services, or with a promoter (category `referral`).",
    "expense_id": "Your reference to the expense claim.",
    "business_purpose": "Shown in findings; filled where `occasion_id` is a visit in the contact log.",
    "description": "What it was, in your words; shown in findings.",
    "status": "What is cancelled never counts.",
    "contact_id": "Identifies the contact.",
    "client_id": "As in the clients file.",
    "account_executive_id": "As in the people file.",
    "channel": "Or `other:NAME`.",
    "communication_id": "Names a message that goes to many: rows of one message bear the same.",
    "client_name": "Shown in findings.",
    "client_phone": "Its area tells the client's zone where nothing else does.",
    "tier": "By which the firm's coverage is judged: `A`, `B`, `C`, or whatever the firm's rules name.",
    "timezone": "A zone of the IANA database: `America/Chicago`.",
    "state": "Two letters: `NY`.",
    "person_id": "Identifies the person: the `account_executive_id` of the other files.",
    "person_name": "Shown in findings.",
    "crd": "For your own reference.",
    "person_status": "For your own reference.",
    "registered_states": "Two letters each, separated by `;`.",
    "supervisor_id": "May contact the clients of those they supervise.",
    "recipient_is_customer": "Of loans and positions of trust; filled from `--clients`.",
    "is_family": "Of loans and positions of trust; filled from `--clients`.",
    "assigned_on": "Of loans and positions of trust; filled from `--clients`.",
}
BLANKS = {"market_value": "the cost", "face_value": "the cost", "tax": "0.00", "delivery": "0.00"}
HEAD = """# The columns of the logs

Generated from `finra_rules/model/fields.py` by `docs/generate.py`; do not edit by hand.

A gift log is a table with one row per event and recipient, in any order of columns. Only the columns marked **required**
must be there. A log with other column names is read through a mapping (`finra-rules mappings list`). A blank cell is
unknown, never a no, unless a default is given below; so the more a log says, the fewer questions an audit asks.
Amounts are those of the whole event: what several people share is divided by `recipients_count`.

"""
RULES_HEAD = """# The rules

Generated from `rulesets/finra/` by `docs/generate.py`; do not edit by hand.

Every rule of the rule set `finra`, family by family (G gifts, E entertainment, N non-cash compensation, R recipients, contributions and advisers,
P records and pre-approval, C client contact, D the data): whom it reaches and why, what it finds, the numbers that it reads with their dates, and its
sources. *Primary* is read in the regulator's own text, *secondary* in law firms, training texts or the press only, *unverified* against nothing;
findings say the same. Numbers marked *not law* are interpretations, guidance or the firm's own. `finra-rules rules show ID` reads a rule out in full,
with every condition and exemption, and with `--on DATE` as it stands on a day.

One gift can come under several rules: each regime has its own measure, exemptions, period and operator, all that reach the firm and the recipient are
judged, and of one event the strictest finding is told first.

"""
TABLE = "\n| column | holds | if blank | |\n|---|---|---|---|\n"
COMPANIONS = {
    "The contact log": ("`--contacts`: one row per contact.", CONTACT_FIELDS),
    "The clients file": (
        "`--clients`: one row per client, as they stand. A blank date says that the thing has not happened.",
        CLIENT_FIELDS,
    ),
    "The people file": ("`--people`: one row per account executive or supervisor.", PERSON_FIELDS),
}


def column_line(field: Field) -> str:
    """Return the line of one column."""
    words = ", ".join(f"`{word}`" for word in field.words)
    blank = "**required**" if field.required else f"`{field.default}`" if field.default else "unknown"
    blank = BLANKS.get(field.name, blank)
    if field.known_if and field.type is FieldType.DATE:
        blank = "it has not happened"
    if field.type is FieldType.TEXT and not field.question and not field.default and not field.required:
        blank = ""
    note = " ".join(part for part in (NOTES.get(field.name, ""), field.question) if part)
    holds = HOLDS[FieldType.WORD] if field.words and field.type is FieldType.TEXT else HOLDS[field.type]
    return f"| `{field.heading}` | {holds} {words}".rstrip() + f" | {blank} | {note} |\n"


def with_outputs(page: str) -> str:
    """Return `page` with the outputs of its commands as they are now.

    They run one after the other in a folder of the page's own that holds the examples, so that a ledger made by one is there for the next.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "examples").symlink_to(DOCS.parent / "examples")

        def shown(match: re.Match[str]) -> str:
            return f"{match[1]}$ finra-rules {match['command']}\n{output(match['command'], Path(folder))}{match[3]}"

        return SHOWN.sub(shown, page)


def output(command: str, folder: Path) -> str:
    """Return what a command prints in `folder` on a screen of 80 columns without colour; exits where it cannot be run."""
    run = subprocess.run(  # noqa: S603 - the commands of our own pages
        [sys.executable, str(DOCS.parent / "cli.py"), *shlex.split(command)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONUTF8": "1"},
        check=False,
    )
    if run.returncode not in (0, 1):
        sys.exit(f"finra-rules {command}: {run.stderr}")
    return run.stdout.rstrip() + "\n"


def pages(what: str) -> dict[Path, str]:
    """Return the pages as they should be: `columns`, `rules`, `outputs` or `all`."""
    made = {}
    if what in ("columns", "all"):
        made[COLUMNS_PAGE] = HEAD + TABLE.lstrip("\n") + "".join(column_line(field) for field in EVENT_FIELDS)
        for title, (text, fields) in COMPANIONS.items():
            made[COLUMNS_PAGE] += f"\n## {title}\n\n{text}\n{TABLE}" + "".join(map(column_line, fields))
    if what in ("rules", "all"):
        made[RULES_PAGE] = RULES_HEAD + rules_page(load_rulebook(("finra",)))
    if what in ("outputs", "all"):
        texts = {
            path: path.read_text(encoding="utf-8") for path in (DOCS.parent / "README.md", *sorted(DOCS.glob("*.md")))
        }
        shown = {path: page for path, page in texts.items() if SHOWN.search(page)}
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            made.update(zip(shown, threads.map(with_outputs, shown.values()), strict=True))
    return made


def main() -> int:
    """Write the pages, or compare them and return 1 where one is out of date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["all", "columns", "rules", "outputs"], default="all")
    parser.add_argument("--check", action="store_true", help="only say whether the pages are up to date")
    options = parser.parse_args()
    stale = 0
    for path, page in pages(options.what).items():
        if not options.check:
            path.write_text(page, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != page:
            sys.stderr.write(f"{path.name} is out of date; run python docs/generate.py\n")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
