"""A report as an Excel workbook, read back."""

from __future__ import annotations

import re
import resource
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from finra_rules.model.errors import EngineError
from finra_rules.model.report import Chart, Column, Kind, Report, Section, Table
from finra_rules.reports.workbook import cells, write_workbook
from finra_rules.reports.workbook.formats import LOOKS
from finra_rules.reports.workbook.sheets import sheets_of
from finra_rules.reports.workbook.texts import CUT, fitted

NAME = (Column("name", "Name"),)
INJECTION = '<r><t>x</t></r></is></c><c r="C2"><f>1+1</f><v>2</v></c><c r="D2" t="inlineStr"><is><r><t>y</t></r>'


def table(*rows, title="Register", name="register", columns=NAME, total=None, **terms):
    return Table(name, title, columns, len(rows) if total is None else total, lambda: iter(rows), **terms)


def report(*tables, charts=(), **terms):
    terms = {"title": "Gifts", "headline": "All in order.", "stamp": "", "facts": (), "figures": {}} | terms
    return Report(**terms, sections=(Section("s", "Section", "Intro.", tables, charts),))


@pytest.fixture
def book(tmp_path):
    def write(*tables, most_rows=1_048_576, **terms):
        path = tmp_path / "report.xlsx"
        write_workbook(report(*tables, **terms), path, most_rows=most_rows)
        assert names_in(tmp_path) == ["report.xlsx"]
        return openpyxl.load_workbook(path)

    return write


def names_in(directory):
    return [path.name for path in directory.iterdir()]


def values(sheet):
    return [
        [unescape(cell) if isinstance(cell, str) else cell for cell in row] for row in sheet.iter_rows(values_only=True)
    ]


def formulas(path):
    with zipfile.ZipFile(path) as parts:
        return [one for name in parts.namelist() for one in re.findall(r"<f[ >].*?</f>", parts.read(name).decode())]


def column(kind, **terms):
    return (Column("c", "Value", kind, **terms),)


# The cover and the sheets


def test_the_cover_says_what_the_report_is_and_where_everything_is(book):
    findings = table(("a",), ("b",), title="Findings", name="findings", note="Worst first.")
    chart = Chart("bars", "By month", "Bars.", table(title="Findings by month: all", name="months"))
    made = book(
        findings,
        charts=(chart,),
        stamp="WHAT-IF: limit=250.00",
        facts=(("Log", "=gifts.csv"),),
        figures={"rows_read": 1204},
        notes=("Rates are monthly.",),
    )
    assert made.sheetnames == ["Cover", "Findings", "Findings by month all"]
    cover = made["Cover"]
    lines = [[cell for cell in row if cell is not None] for row in values(cover)]
    assert [line for line in lines if line] == [
        ["Gifts"],
        ["WHAT-IF: limit=250.00"],
        ["In short", "All in order."],
        ["Log", "'=gifts.csv"],
        ["Note", "Rates are monthly."],
        ["Rows read", 1204],
        ["Sheets", "Rows", "About them"],
        ["Findings", 2, "Worst first."],
        ["Findings by month all", 0, "Findings by month: all."],
    ]
    assert [cell.fill.fgColor.rgb for cell in cover[2][:3]] == ["FFB42318"] * 3
    links = [row[0].hyperlink.location for row in cover.iter_rows() if row[0].hyperlink]
    assert links == ["'Findings'!A1", "'Findings by month all'!A1"]
    assert all("WHAT-IF" in sheet.oddHeader.right.text for sheet in made)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Gifts: a/b [c]?", "Gifts a b c"),
        ("'quoted'", "quoted"),
        ("History", "History (2)"),
        ("cover", "cover (2)"),
        ("x" * 40, "x" * 31),
        ("x" * 30 + "' y", "x" * 30),
        ("\U0001f381" * 20, "\U0001f381" * 15),
        ("*\0\ud800", "Table"),
        ("Dana's gifts", "Dana's gifts"),
    ],
)
def test_names_of_sheets_are_such_as_excel_takes(book, title, name):
    assert book(table(("a",), title=title)).sheetnames == ["Cover", name]


@given(st.lists(st.text(st.characters(), max_size=40) | st.sampled_from("aA'[( "), max_size=6))
def test_any_titles_make_names_that_excel_takes_and_that_differ(titles):
    tables = [table(title=title, name=f"t{place}") for place, title in enumerate(titles)]
    names = [sheet.name for sheet in sheets_of(report(*tables))]
    assert len({name.lower() for name in names} | {"cover", "history"}) == len(titles) + 2
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]|^'|'$", name)


def test_a_table_longer_than_a_sheet_goes_on_in_the_next(book):
    rows = [(f"n{number}",) for number in range(5)]
    made = book(table(*rows), table(("z",), title="Register (2)", name="other"), most_rows=3)
    assert made.sheetnames == ["Cover", "Register", "Register (2)", "Register (3)", "Register (2) (2)"]
    assert [values(made[name])[1:] for name in made.sheetnames[1:4]] == [
        [["n0"], ["n1"]],
        [["n2"], ["n3"]],
        [["n4"]],
    ]
    about = [row[2] for row in values(made["Cover"])][-4:]
    assert about[1] == "Rows 3 to 4 of 5 of Register: a sheet holds no more."


def test_a_sheet_is_ready_to_read_filter_and_print(book):
    columns = (Column("a", "Narrow", width=2), Column("b", "Wide", width=200), Column("c", "Kind", Kind.DATE, 11))
    made = book(table(("a", "b", date(2025, 1, 2)), columns=columns))
    sheet = made["Register"]
    assert [cell.value for cell in sheet[1]] == ["Narrow", "Wide", "Kind"]
    assert all(cell.font.bold for cell in sheet[1])
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:C2", "$1:$1")
    page = sheet.page_setup
    assert (page.orientation, page.fitToWidth or 1, page.fitToHeight) == ("landscape", 1, 0)  # 1 where it is not said
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    margin = 1
    assert [round(sheet.column_dimensions[letter].width) - margin for letter in "ABC"] == [8, 60, 11]
    assert [bool(cell.alignment.wrap_text) for cell in sheet[2]] == [False, True, False]


def test_a_row_is_as_high_as_its_wrapped_text(book):
    columns = (Column("a", "A", width=40), Column("b", "B", width=10))
    texts = ["x" * 40, "two words " * 9, "one\ntwo\nthree", "y " * 9_000]
    sheet = book(table(*((text, "z" * 90) for text in texts), columns=columns))["Register"]
    assert [sheet.row_dimensions[row].height for row in range(2, 6)] == [None, 45, 45, 405]


def test_a_wide_table_is_printed_on_pages_beside_each_other_each_with_the_first_column(book):
    columns = tuple(Column(f"c{place}", "C", width=60) for place in range(7))
    sheet = book(table(("a",) * 7, columns=columns))["Register"]
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (3, 0)
    assert sheet.print_title_cols == "$A:$A"


def test_a_table_without_rows_says_so_below_its_head(book):
    assert values(book(table(empty="No gift was logged."))["Register"]) == [["Name"], ["No gift was logged."]]


# Cells by kind


@pytest.mark.parametrize(
    ("kind", "value", "cell", "look"),
    [
        (Kind.DATE, date(2025, 3, 1), datetime(2025, 3, 1), "yyyy-mm-dd"),
        (Kind.DATE, date(1900, 3, 1), datetime(1900, 3, 1), "yyyy-mm-dd"),
        (Kind.DATE, date(9999, 12, 31), datetime(9999, 12, 31), "yyyy-mm-dd"),
        (Kind.DATE, date(1900, 2, 28), "1900-02-28", "General"),
        (Kind.DATE, "soon", "soon", "General"),
        (Kind.MONEY, Decimal("-1234.50"), -1234.5, "#,##0.00_)"),
        (Kind.MONEY, Decimal("9999999999999.99"), 9999999999999.99, "#,##0.00_)"),
        (Kind.MONEY, Decimal("-10000000000000.01"), f"{cells.TOO_LARGE}-10000000000000.01", "General"),
        (Kind.COUNT, 12345, 12345, "#,##0_)"),
        (Kind.COUNT, 0, 0, "#,##0_)"),
        (Kind.COUNT, 10**15 - 1, 10**15 - 1, "#,##0_)"),
        (Kind.COUNT, 10**15, f"{cells.TOO_LARGE}1000000000000000", "General"),
        (Kind.AMOUNT, Decimal("3.00"), 3, "#,##0.00_)"),
        (Kind.AMOUNT, 3, 3, "#,##0_)"),
        (Kind.OUTCOME, "ok", "ok", "General"),
        (Kind.OUTCOME, "=1", "'=1", "General"),
        (Kind.TEXT, "007", "007", "General"),
        (Kind.TEXT, "1e5", "1e5", "General"),
        (Kind.TEXT, " a \n b ", " a \n b ", "General"),
        (Kind.MONEY, None, None, "General"),
        (Kind.TEXT, "", None, "General"),
    ],
)
def test_a_cell_has_the_type_of_its_value(book, kind, value, cell, look):
    columns = (*NAME, *column(kind))
    found = book(table(("first", value), columns=columns))["Register"]["B2"]
    assert (found.value, found.number_format) == (cell, look)


@given(st.decimals(min_value=Decimal("-9999999999999.99"), max_value=Decimal("9999999999999.99"), places=2))
def test_dollars_as_a_cell_holds_them_round_to_the_same_cents(value):
    assert Decimal(f"{value:.16G}").quantize(Decimal("0.01")) == value
    assert Decimal(float(f"{float(value):.15G}")).quantize(Decimal("0.01")) == value  # the digits that Excel keeps


def test_outcomes_are_coloured_and_stay_readable(book):
    made = book(table(("violation",), ("undetermined",), ("review",), ("ok",), columns=column(Kind.OUTCOME)))[
        "Register"
    ]
    grounds = [made[f"A{row}"].fill.fgColor.rgb for row in range(2, 6)]
    assert len(set(grounds)) == 4
    assert all(
        contrast(look.get("font_color", "#000000"), look.get("bg_color", "#FFFFFF")) >= 4.5 for look in LOOKS.values()
    )


def contrast(text, ground):
    """Return the contrast of two colours as WCAG 2.2 defines it."""

    def light(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(text), light(ground)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    "address", ["https://www.finra.org/rules/3220", "https://x.org:8443/a?b=c&d=%20#part", "https://x.org"]
)
def test_an_https_address_is_a_link(book, address):
    cell = book(table((address,), columns=column(Kind.LINK)))["Register"]["A2"]
    target = cell.hyperlink.target + (f"#{cell.hyperlink.location}" if cell.hyperlink.location else "")
    assert (cell.value, target) == (address, address)


@pytest.mark.parametrize(
    "address",
    [
        "http://x.org",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://x y",
        "https://x/\u202e",
        "https://x#a#b",
        "internal:'Cover'!A1",
        "HTTPS://x",
        "https://x/" + "a" * 2_000,
        'https://x/"',
        "https://x\n",
    ],
)
def test_anything_else_is_text(book, address):
    cell = book(table((address,), columns=column(Kind.LINK)))["Register"]["A2"]
    assert cell.hyperlink is None
    assert cell.value == fitted(address)


def test_links_beyond_what_a_sheet_can_have_are_text(book, monkeypatch):
    monkeypatch.setattr(cells, "MOST_LINKS", 2)
    made = book(table(*[("https://x.org",)] * 3, columns=column(Kind.LINK)))["Register"]
    assert [made[f"A{row}"].hyperlink is not None for row in (2, 3, 4)] == [True, True, False]
    assert made["A4"].value == "https://x.org"


def test_a_number_of_a_row_links_to_the_row_wherever_it_is(book, tmp_path):
    rows = table(("a",), ("b",), ("c",), title="Dana's gifts")
    to = table((1,), (3,), (4,), (None,), name="findings", title="Findings", columns=column(Kind.ROW, of="register"))
    made = book(rows, to, most_rows=3)
    assert [made["Findings"]["A2"].value, made["Findings"]["A3"].value] == [
        "=HYPERLINK(\"#'Dana''s gifts'!A2\",1)",
        "=HYPERLINK(\"#'Dana''s gifts (2)'!A2\",3)",
    ]
    assert made["Dana's gifts (2)"]["A2"].value == "c"
    assert made["Findings (2)"]["A2"].value == 4  # there is no such row
    cached = openpyxl.load_workbook(tmp_path / "report.xlsx", data_only=True)
    assert cached["Findings"]["A3"].value == 3


# Hostile text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\n=1"),
        ("{=1}", "{=1}"),
        ("_x0041_ _x000D_", "_x0041_ _x000D_"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        (INJECTION, "'" + INJECTION),
        ("</t></is></c>&amp;&#0;", "</t></is></c>&amp;&#0;"),
        ("https://x.org", "https://x.org"),
        ("internal:Cover!A1", "internal:Cover!A1"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\0b\x1b[31m", "a<U+0000>b<U+001B>[31m"),
        ("\ud83dx\udc00", "<U+D83D>x<U+DC00>"),
        ("\uffff\ufffe", "<U+FFFF><U+FFFE>"),
        ("\U0001f381 \U0001f468\u200d\U0001f469", "\U0001f381 \U0001f468\u200d\U0001f469"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("x" * 32_767, "x" * 32_767),
        ("x" * 40_000, "x" * (32_767 - len(CUT)) + CUT),
        ("=" + "x" * 32_767, "'=" + "x" * (32_765 - len(CUT)) + CUT),
        ("\U0001f381" * 16_384, "\U0001f381" * ((32_767 - len(CUT)) // 2) + CUT),
    ],
)
def test_hostile_text_is_shown_and_nothing_runs(book, tmp_path, text, cell):
    made = book(table((text, "after"), columns=(Column("a", "A"), Column("b", "B"))))
    assert values(made["Register"]) == [["A", "B"], [cell, "after"]]
    assert formulas(tmp_path / "report.xlsx") == []


@settings(max_examples=40)
@given(texts=st.lists(st.text(st.characters()) | st.text("<>r/t=_x0041\r\n&'\"", max_size=12), min_size=1, max_size=8))
def test_any_text_is_read_back_as_it_was_fitted(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("book") / "report.xlsx"
    columns = (Column("n", "N", Kind.COUNT), *NAME)
    write_workbook(report(table(*enumerate(texts), columns=columns)), path)
    found = values(openpyxl.load_workbook(path)["Register"])[1:]
    assert found == [[number, fitted(text) or None] for number, text in enumerate(texts)]
    assert formulas(path) == []


@given(st.text(st.characters()))
def test_fitted_text_is_safe_and_only_what_must_differs(text):
    safe = fitted(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\n", "<r>"))
    safe.encode()
    assert len(safe.encode("utf-16-le")) // 2 <= 32_767
    if text.isprintable():
        assert safe in (text, "'" + text)


def test_hostile_labels_titles_and_facts_are_text_too(book, tmp_path):
    evil = table((1,), title="=1+1 & \ud800", columns=(Column("c", "=1\0", Kind.COUNT),), note=INJECTION, empty="=1")
    made = book(evil, title="=x&P\0", headline="=1", stamp="@1\ud800" * 100, facts=(("=a", INJECTION),), notes=("=1",))
    assert made["=1+1 &"]["A1"].value == "'=1<U+0000>"
    assert formulas(tmp_path / "report.xlsx") == []


# The file


def test_the_same_report_gives_the_same_file(tmp_path):
    (tmp_path / "b").mkdir()
    columns = (*NAME, *column(Kind.LINK))
    made = report(table(("Dana", "https://x.org"), ("Lee", None), columns=columns))
    write_workbook(made, tmp_path / "a.xlsx")
    write_workbook(made, tmp_path / "b" / "other.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b" / "other.xlsx").read_bytes()
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").properties.created == datetime(2000, 1, 1)


@pytest.mark.parametrize("total", [0, 1, 3])
def test_rows_that_are_not_as_many_as_said_stop_the_report(tmp_path, total):
    with pytest.raises(EngineError, match="rows do not add up: register says"):
        write_workbook(report(table(("a",), ("b",), total=total)), tmp_path / "report.xlsx")
    assert names_in(tmp_path) == []


def test_rows_are_never_held(tmp_path):
    alive = []

    class Row(tuple):
        __slots__ = ()

        def __del__(self):
            alive.remove(id(self))

    def rows():
        for number in range(50):
            row = Row((f"n{number}",))
            alive.append(id(row))
            assert len(alive) <= 2
            yield row

    write_workbook(report(Table("t", "T", NAME, 50, rows)), tmp_path / "report.xlsx", most_rows=20)
    assert openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames == ["Cover", "T", "T (2)", "T (3)"]


def test_progress_is_told(tmp_path):
    said = []
    write_workbook(report(table(("a",))), tmp_path / "report.xlsx", said.append)
    assert said == ["writing the sheet Register", "packing the workbook"]


def test_a_directory_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        write_workbook(report(table(("a",))), tmp_path / "none" / "report.xlsx")


def test_a_file_that_cannot_be_made_is_an_error_of_the_system(tmp_path):
    (tmp_path / "report.xlsx").mkdir()
    with pytest.raises(IsADirectoryError):
        write_workbook(report(table(("a",))), tmp_path / "report.xlsx")
    assert names_in(tmp_path) == ["report.xlsx"]


@pytest.mark.parametrize("room", [1_000, 9_000, 400_000])
def test_a_disk_that_fills_up_is_an_error_of_the_system_and_leaves_nothing_else(tmp_path, room):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    rows = [(f"{number * 7919 % 100_003} {'x' * 30}",) for number in range(6_000)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_workbook(report(table(*rows)), tmp_path / "report.xlsx")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert set(names_in(tmp_path)) <= {"report.xlsx"}
