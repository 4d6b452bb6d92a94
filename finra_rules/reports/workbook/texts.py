"""Text as a cell of a workbook can hold it: nothing hidden, nothing that runs, nothing too long."""

from __future__ import annotations

import re

from finra_rules.reports.csv_output import neutral

MOST_TEXT = 32_767
"""Characters of a cell, as UTF-16 counts them (Microsoft, Excel specifications and limits)."""
CUT = "... (cut; the whole text is in the CSV)"
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\ufffe\uffff]"
)
"""What XML cannot hold, and what hides or turns text around it; tabs and ends of line stay."""
_LINE_END = re.compile("\r\n?")


def fitted(text: str) -> str:
    """Return a text as a cell can hold it, and as no spreadsheet takes it for a formula when it is saved as CSV.

    A hidden character shows as its number; a text that is too long is cut and says so.
    """
    if not text.isprintable():  # hardly ever, and slow
        text = _HIDDEN.sub(lambda match: f"<U+{ord(match[0]):04X}>", _LINE_END.sub("\n", text))
    text = neutral(text)
    if text.startswith("<r>"):
        # XlsxWriter takes a text from <r> to </r> for formatted text that it made itself, and writes it as XML unescaped.
        text = "'" + text
    return text if len(text) <= MOST_TEXT // 2 else _cut(text)


def _cut(text: str) -> str:
    encoded = text.encode("utf-16-le")
    if len(encoded) <= MOST_TEXT * 2:
        return text
    kept = encoded[: (MOST_TEXT - len(CUT)) * 2].decode("utf-16-le", "ignore")  # half a character at the end goes
    return kept + CUT
