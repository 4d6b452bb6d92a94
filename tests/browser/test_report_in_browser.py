"""The report as a reader has it: filtered, sorted, followed by its links, by keyboard, on a phone, on paper, without scripts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import AXE, DESKTOP, PHONE, Opened

Open = Callable[..., Opened]


def shown_findings(opened: Opened) -> list[str]:
    return list(
        opened.page.eval_on_selector_all(".finding", "all => all.filter(e => e.checkVisibility()).map(e => e.id)")
    )


def column(opened: Opened, table: str, place: int) -> list[str]:
    script = f"rows => rows.map(row => row.cells[{place}].dataset.v ?? row.cells[{place}].textContent.trim())"
    return list(opened.page.eval_on_selector_all(f"#table-{table} tbody tr", script))


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_page_says_nothing_asks_for_nothing_and_fits_its_window(
    sample_page: Path, opened: Open, size: tuple[int, int]
):
    page = opened(sample_page, size)
    assert page.said == []
    assert page.asked == [sample_page.as_uri()]
    assert page.page.evaluate("document.documentElement.scrollWidth") == size[0]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_first_screen_says_who_is_over_the_limit_by_how_much_and_why(
    sample_page: Path, opened: Open, size: tuple[int, int]
):
    page = opened(sample_page, size).page
    headline = page.locator(".headline")
    box = headline.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < size[1]
    told = headline.inner_text()
    assert "Most over: Greta Holloway (Bramblegate Insurance), by $680.00: $780.00 where $100.00 is the limit." in told
    if size == DESKTOP:
        first = page.locator("#table-most-over tbody tr").first
        box = first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < size[1]
        assert "Flight and two hotel nights" in first.inner_text()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_nothing_keeps_a_screen_reader_or_a_keyboard_out(sample_page: Path, opened: Open, size: tuple[int, int]):
    page = opened(sample_page, size, bypass_csp=True).page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.add_script_tag(path=AXE)
    found: list[dict[str, Any]] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found if one["impact"] != "minor"] == []


def test_the_pinned_checker_is_the_one_that_was_published():
    told = re.search(r"SHA-256: ([0-9a-f]{64})", (AXE.parent / "README.md").read_text())
    assert told
    assert hashlib.sha256(AXE.read_bytes()).hexdigest() == told[1]


def test_a_search_shows_the_findings_that_hold_all_its_words(sample_page: Path, opened: Open):
    page = opened(sample_page)
    everything = shown_findings(page)
    page.page.locator("input[name=text]").fill("thornquist cookie")
    found = shown_findings(page)
    assert 0 < len(found) < len(everything)
    for one in found:
        group = page.page.locator(f"#{one}").evaluate("e => e.textContent + e.closest('.group').dataset.name").lower()
        assert "thornquist" in group
        assert "cookie" in group
    assert page.page.get_by_role("status").inner_text() == f"{len(found)} of {len(everything)} findings shown"
    page.page.locator("input[name=text]").fill("no such word anywhere")
    assert shown_findings(page) == []
    assert page.page.locator(".group:visible").count() == 0
    page.page.locator("input[name=text]").fill("")
    assert shown_findings(page) == everything


def test_filters_by_outcome_and_rule_hold_together(sample_page: Path, opened: Open):
    page = opened(sample_page)
    page.page.locator("select[name=outcome]").select_option("undetermined")
    undecided = shown_findings(page)
    assert undecided
    page.page.locator("select[name=rule]").select_option("G101")
    both = shown_findings(page)
    assert both == [one for one in undecided if one.startswith("G101-")]
    assert 0 < len(both) < len(undecided)


def test_findings_are_put_in_order_of_amount_date_or_name(sample_page: Path, opened: Open):
    page = opened(sample_page)
    groups = "all => all.map(g => [...g.querySelectorAll('.finding')].map(f => f.dataset.{}))"
    weight = shown_findings(page)
    page.page.locator("select[name=order]").select_option("over")
    over = [max(map(float, one)) for one in page.page.eval_on_selector_all(".group", groups.replace("{}", "over"))]
    assert over == sorted(over, reverse=True)
    page.page.locator("select[name=order]").select_option("date")
    dates = [max(one) for one in page.page.eval_on_selector_all(".group", groups.replace("{}", "date"))]
    assert dates == sorted(dates, reverse=True)
    page.page.locator("select[name=order]").select_option("name")
    names = page.page.eval_on_selector_all(".group", "all => all.map(g => g.dataset.name.toLowerCase())")
    assert names == sorted(names)
    page.page.locator("select[name=order]").select_option("")
    assert shown_findings(page) == weight


def test_a_table_is_sorted_by_its_heads_with_the_keyboard(sample_page: Path, opened: Open):
    page = opened(sample_page)
    head = page.page.locator("#table-most-over thead th").nth(1)
    head.get_by_role("button").focus()
    page.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    amounts = [float(one) for one in column(page, "most-over", 1)]
    assert amounts == sorted(amounts)
    page.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert [float(one) for one in column(page, "most-over", 1)] == amounts[::-1]


def test_blank_cells_stay_last_whichever_way_a_table_is_sorted(sample_page: Path, opened: Open):
    page = opened(sample_page)
    heads = page.page.eval_on_selector_all("#table-register thead th", "all => all.map(h => h.textContent)")
    place = heads.index("Running total")
    for _ in range(2):
        page.page.locator("#table-register thead th").nth(place).get_by_role("button").click()
        cells = column(page, "register", place)
        filled = [one for one in cells if one]
        assert cells[: len(filled)] == filled
        assert 0 < len(filled) < len(cells)


def test_a_link_to_a_finding_unfolds_it_and_its_link_leads_to_the_register(sample_page: Path, opened: Open):
    page = opened(sample_page).page
    page.locator("#table-most-over tbody a").first.click()
    finding = page.locator(".finding:target")
    assert finding.locator("details").first.get_attribute("open") is not None
    assert "Greta Holloway" in finding.inner_text()
    assert finding.locator(".message").is_visible()
    finding.get_by_role("link", name="in the register").click()
    assert "Flight and two hotel nights" in page.locator("tr:target").inner_text()


def test_a_link_from_elsewhere_opens_the_finding(sample_page: Path, opened: Open):
    anchor = re.search(r'id="(G101-[0-9a-f]{16})"', sample_page.read_text(encoding="utf-8"))
    assert anchor
    page = opened(sample_page, anchor=f"#{anchor[1]}").page
    assert page.locator(f"#{anchor[1]} > details").get_attribute("open") is not None
    assert page.locator(f"#{anchor[1]} .steps").is_visible()


def test_every_link_within_the_page_leads_somewhere(sample_page: Path, opened: Open):
    page = opened(sample_page).page
    lost = page.eval_on_selector_all(
        "a[href^='#']", "all => all.map(a => a.hash.slice(1)).filter(name => !document.getElementById(name))"
    )
    assert lost == []


def test_without_scripts_everything_is_there_and_no_dead_control(sample_page: Path, opened: Open):
    page = opened(sample_page, java_script_enabled=False).page
    assert page.locator("form.filter").is_hidden()
    assert page.locator(".finding").count() > 100
    assert page.locator(".finding .message").last.is_visible()


def test_on_paper_every_finding_lies_open_and_controls_are_gone(sample_page: Path, opened: Open):
    page = opened(sample_page).page
    page.emulate_media(media="print")
    assert page.locator("form.filter").is_hidden()
    assert page.locator("nav").is_hidden()
    hidden = page.eval_on_selector_all(
        ".finding .steps", "all => all.filter(e => !e.getBoundingClientRect().height).length"
    )
    assert hidden == 0
    head = page.locator("#table-register thead")
    assert head.evaluate("e => getComputedStyle(e).display") == "table-header-group"
    assert {*head.locator("button").evaluate_all("all => all.map(e => getComputedStyle(e).display)")} == {"contents"}
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_nothing_of_a_hostile_log_runs_or_breaks_the_page(hostile_page: Path, opened: Open, size: tuple[int, int]):
    page = opened(hostile_page, size)
    page.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.page.evaluate("window.hacked") is None
    assert page.said == []
    assert page.asked == [hostile_page.as_uri()]
    assert page.page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert page.page.locator("img, iframe, object, embed, script:not(body > script:last-child)").count() == 0
    links = page.page.eval_on_selector_all("a[href]", "all => all.map(a => a.protocol)")
    assert set(links) <= {"file:", "https:"}


def test_the_text_of_a_hostile_log_is_shown(hostile_page: Path, opened: Open):
    page = opened(hostile_page)
    page.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    told = page.page.locator("#register").inner_text()
    for text in (
        "<script>window.hacked=1</script>",
        '=HYPERLINK("http://evil.example","click")',
        "{{ 7*7 }}",
        "🎁" * 30,
        "مرحبا بالعالم",
    ):
        assert text in told
    assert "<U+202E>gnp.exe<U+202C>" in told
    assert "a" * 10_000 in told.replace("\n", "")


def test_the_policy_of_the_page_lets_no_script_in_that_is_not_its_own(sample_page: Path, opened: Open):
    page = opened(sample_page)
    page.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s); }"
    )
    assert page.page.evaluate("window.hacked") is None
    assert any("Content Security Policy" in said for said in page.said)
