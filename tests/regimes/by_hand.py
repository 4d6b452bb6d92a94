"""What every regime finds of a log in which nothing is missing: reckoned row by row, from the law's own sentences.

It knows nothing of rule files, conditions or plans. Amounts are whole cents. `findings` returns, by rule and event, the total
that breaks the rule's limit, or None for a rule without one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from .generated import Row

Found = dict[tuple[str, str], int | None]
THINGS = ("gift", "entertainment", "meal", "travel", "donation", "services", "other")


def cents(row: Row, *names: str) -> int:
    """Return the highest of some amounts, divided among the recipients, half a cent up."""
    whole = max(int(row[name].replace(".", "")) for name in names)
    people = int(row["recipients_count"])
    return (2 * whole + people) // (2 * people)


def ticketed(row: Row, *otherwise: str) -> int:
    """Return the value where tickets and gift cards stand at the higher of cost and face value."""
    return cents(row, *(("cost", "face_value") if row["category"] in ("ticket", "gift_card") else otherwise))


def findings(rows: list[Row]) -> Found:
    """Return what each rule finds."""
    alive = [row | {"day": row["event_date"]} for row in rows if row["status"] != "cancelled"]
    alive.sort(key=lambda row: (row["day"], row["event_id"], row["recipient_id"]))
    found: Found = {}
    for part in (_at_any_value, _in_a_year, _municipal, _non_cash, _political, _advisers, _records):
        for rule, row, total in part(alive):
            found[rule, row["event_id"]] = total
    return found


Hit = tuple[str, Row, int | None]


def _is(row: Row, kind: str) -> bool:
    return kind in row["recipient_type"].split(";")


def _firm(row: Row, kind: str) -> bool:
    return kind in row["firm_type"].split(";")


def _sums(
    rows: list[Row],
    group: Callable[[Row], object],
    value: Callable[[Row], int],
    begins: Callable[[date], date],
) -> Iterator[tuple[Row, int]]:
    """Yield each row with the total of its group since the window of its day began."""
    groups: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        members = groups[group(row)]
        members.append(row)
        since = begins(date.fromisoformat(row["day"])).isoformat()
        yield row, sum(value(one) for one in members if one["day"] >= since)


def _new_year(day: date) -> date:
    return date(day.year, 1, 1)


def _year_back(day: date) -> date:
    return date(day.year - 1, day.month, min(day.day, 28) if day.month == 2 else day.day) + timedelta(days=1)


def _two_years_back(day: date) -> date:
    return day - timedelta(days=730)


def _person(row: Row) -> object:
    return row["firm_id"], row["recipient_id"]


def _at_any_value(rows: list[Row]) -> Iterator[Hit]:
    for row in rows:
        if _is(row, "fund_personnel") and row["kind"] != "contribution":
            yield "R581", row, None
        if row["direction"] != "given" or row["kind"] not in THINGS:
            continue
        official = _is(row, "state_local_official") or _is(row, "foreign_official")
        cash, card = row["category"] == "cash", row["category"] == "gift_card"
        answers = {
            "R501": _is(row, "finra_staff") and _firm(row, "finra_member") and row["kind"] != "other",
            "R512": _is(row, "erisa_fiduciary") and (cash or card),
            "R533": _is(row, "federal_official") and cash,
            "R534": _is(row, "federal_official") and card,
            "R541": _is(row, "state_local_official") and not row["preapproval_id"],
            "R542": _is(row, "foreign_official") and not row["preapproval_id"],
            "R543": official and _bribery(row),
        }
        yield from ((rule, row, None) for rule, found in answers.items() if found)


def _in_a_year(rows: list[Row]) -> Iterator[Hit]:
    given = [row for row in rows if row["direction"] == "given" and row["kind"] in THINGS]
    trustees = [row for row in given if _is(row, "erisa_fiduciary") and row["category"] != "training_meeting"]
    for row, total in _sums(trustees, _person, lambda r: ticketed(r, "cost", "market_value"), _new_year):
        if total >= 250_00:
            yield "R511", row, total
    union = [row for row in given if _is(row, "union_official") and ticketed(row, "cost") > 20_00]
    for row, total in _sums(union, _person, lambda r: ticketed(r, "cost"), _new_year):
        if total > 250_00:
            yield "R521", row, total
    federal = [row for row in given if _is(row, "federal_official")]
    for row, total in _sums(federal, lambda r: (_person(r), r["occasion_id"]), _market, _year_back):
        if total > 20_00:
            yield "R531", row, total
    for row, total in _sums(federal, _person, _market, _new_year):
        if total > 50_00:
            yield "R532", row, total


def _market(row: Row) -> int:
    return cents(row, "face_value" if row["category"] in ("ticket", "gift_card") else "market_value")


def _bribery(row: Row) -> bool:
    lavish = 100_00 if row["day"] < "2026-03-30" else 300_00
    signs = (row["category"] in ("cash", "gift_card"), row["conditioned_on"] != "none", row["in_gift_log"] == "no")
    return any(signs) or ticketed(row, "cost", "market_value") > lavish


def _municipal(rows: list[Row]) -> Iterator[Hit]:
    issuers = [
        row for row in rows if _is(row, "municipal_issuer") and row["direction"] == "given" and row["kind"] in THINGS
    ]
    for row in issuers:
        firm = any(_firm(row, kind) for kind in ("finra_member", "municipal_advisor", "bank_dealer"))
        meal = row["kind"] == "meal" and row["host_present"] == "yes"
        if firm and row["paid_by"] == "bond_proceeds" and not meal:
            yield "R553", row, None
    counted = [r for r in issuers if not (r["kind"] in ("meal", "entertainment") and r["host_present"] == "yes")]
    dealers = [row for row in counted if _firm(row, "finra_member")]
    others = [
        row
        for row in counted
        if _firm(row, "municipal_advisor") or (_firm(row, "bank_dealer") and not _firm(row, "finra_member"))
    ]
    for rule, reached, change in (("R551", dealers, "2026-06-01"), ("R552", others, "2026-12-01")):
        for row, total in _sums(reached, _person, lambda r: ticketed(r, "cost", "market_value"), _new_year):
            if total > (100_00 if row["day"] < change else 300_00):
                yield rule, row, total


def _non_cash(rows: list[Row]) -> Iterator[Hit]:
    for row in rows:
        ours = row["direction"] == "given" and _is(row, "own_associated_person") and _firm(row, "finra_member")
        if ours and row["kind"] != "contribution" and row["conditioned_on"] == "specific_securities_limited_period":
            yield "N410", row, None
        if ours and row["kind"] != "contribution" and row["conditioned_on"] == "sales_target":
            yield "N410?", row, None
    reached = [row for row in rows if _firm(row, "finra_member") and _offered(row)]
    counted = []
    for row in reached:
        target = row["conditioned_on"] != "none"
        training = row["category"] == "training_meeting"
        if target:
            yield "N402", row, None
        bare = row["kind"] == "non_cash_compensation" and row["category"] not in ("ticket", "gift_card")
        if row["for_whom"] != "recipient" and (row["kind"] == "travel" or training or bare):
            yield "N403", row, None
        if training and row["direction"] == "received" and not ("" < row["preapproved_on"] <= row["day"]):
            yield "N404", row, None
        if training and row["proper_place"] == "no":
            yield "N405", row, None
        meal = row["kind"] in ("entertainment", "meal") or row["category"] == "ticket"
        fun = meal and row["kind"] != "travel" and not target
        taught = training and row["proper_place"] == "yes" and row["for_whom"] == "recipient" and not target
        if not (fun or taught):
            counted.append(row)
    for row, total in _sums(counted, _by_source, lambda r: ticketed(r, "cost", "market_value"), _new_year):
        if total > (100_00 if row["day"] < "2026-03-30" else 300_00):
            yield "N401", row, total


def _offered(row: Row) -> bool:
    if row["direction"] == "given" and _is(row, "own_associated_person"):
        return False
    from_sponsor = row["giver_type"] == "product_sponsor" and row["kind"] in ("gift", "entertainment", "meal", "travel")
    return row["kind"] == "non_cash_compensation" or from_sponsor


def _by_source(row: Row) -> object:
    return _person(row), "us" if row["direction"] == "given" else row["giver_employer"]


def _political(rows: list[Row]) -> Iterator[Hit]:
    made = [
        row
        for row in rows
        if row["kind"] == "contribution" and row["direction"] == "given" and row["giver_covered_associate"] == "yes"
        if _is(row, "candidate") or _is(row, "state_local_official")
    ]
    for firm, any_rule, no_vote_rule in (("investment_adviser", "R561", "R562"), ("finra_member", "R563", "R564")):
        ours = [row for row in made if _firm(row, firm)]
        barred = [row for row in ours if row["giver_can_vote"] == "no"]
        for rule, reached, limit in ((any_rule, ours, 350_00), (no_vote_rule, barred, 150_00)):
            for row, total in _sums(reached, _by_election, lambda r: cents(r, "cost", "market_value"), _two_years_back):
                if total > limit:
                    yield rule, row, total


def _by_election(row: Row) -> object:
    return _person(row), row["giver_id"], row["election"]


def _advisers(rows: list[Row]) -> Iterator[Hit]:
    advisers = [row for row in rows if _firm(row, "investment_adviser")]
    thanks = [
        row
        for row in advisers
        if row["direction"] == "given" and row["category"] == "referral"
        if not ("" < row["agreement_on"] <= row["day"])
    ]
    for row, total in _sums(thanks, _person, lambda r: cents(r, "cost", "market_value"), _year_back):
        if total > 1000_00:
            yield "R571", row, total
    code = [row for row in advisers if row["kind"] in ("gift", "travel")]
    for row, total in _sums(code, _by_source, lambda r: ticketed(r, "cost", "market_value"), _new_year):
        if total > 250_00:
            yield "R572", row, total


def _records(rows: list[Row]) -> Iterator[Hit]:
    for row in (row for row in rows if _firm(row, "finra_member")):
        if row["preapproved_on"] > row["day"]:
            yield "P804", row, None
        if row["approved_cost"] and float(row["cost"]) > float(row["approved_cost"]):
            yield "P805", row, None
        if row["approved_for"] not in ("", row["day"]):
            yield "P806", row, None
        if row["approved_recipient_id"] not in ("", row["recipient_id"]):
            yield "P807", row, None
        if not _gifts_rule(row):
            continue
        if date.fromisoformat(row["logged_on"]) - date.fromisoformat(row["day"]) > timedelta(days=14):
            yield "P802", row, None
        hosted = row["kind"] in ("entertainment", "meal") and row["host_present"] == "yes"
        if row["disposed_on"] and not hosted:
            yield "P803", row, None


def _gifts_rule(row: Row) -> bool:
    outside = {"retail_customer", "own_associated_person"} >= set(row["recipient_type"].split(";"))
    return row["direction"] == "given" and row["kind"] in ("gift", "meal", "entertainment", "travel") and not outside
