"""Whatever is wrong in a rule set is refused with file, line, column and what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from finra_rules.model.errors import RulesetError
from finra_rules.rulebook.load import load_rulebook

RULE = "rules/G101-yearly.yaml"
LATE = "rules/G102-late.yaml"
LIMIT = "parameters/gift-limit.yaml"
SMALL = "exemptions/small.yaml"
REACHED = "definitions/reached.yaml"
MEASURE = "measures/value-of-gift.yaml"
BASIS = "parameters/basis.yaml"

REFUSALS = [
    # source: what YAML is allowed
    (LIMIT, '"300.00"', "300.00", '13:12: 300.00 is a float: write "300.00" in quotes'),
    (LIMIT, '"300.00"', "3e2", '13:12: 3e2 is a float: write "3e2" in quotes'),
    (RULE, "severity: high", "severity: high\nseverity: low", "13:1: the key 'severity' is there twice, first in line 12"),
    (RULE, "severity: high", "on: high", '12:1: on is read as yes or no by some programs: write "on" in quotes'),
    (RULE, "severity: high", "severity: y", '12:11: y is read as yes or no by some programs: write "y" in quotes'),
    (RULE, "severity: high", "yes: high", '12:1: yes as a key must be quoted: write "yes"'),
    (RULE, "severity: high", "severity: &a high", "12:11: anchors are not allowed; put text that begins with & in quotes"),
    (RULE, "severity: high", "severity: *a", "12:11: aliases are not allowed: write the value out, or put text that begins with * in quotes"),
    (RULE, "severity: high", "severity: !!str high", "12:11: tags are not allowed; put text that begins with ! in quotes"),
    (RULE, "severity: high", "<<: {severity: high}", "12:1: merge keys (<<) are not allowed: write the keys out"),
    (RULE, "severity: high", "severity:", '12:10: nothing is written here; write the value, or "" for a blank'),
    (RULE, "severity: high", "1: high", '12:1: a key must be text: write "1" in quotes'),
    (RULE, "severity: high", "severity: high\n---\na: b", "13:1: a second document starts here: write one document per file"),
    (RULE, "severity: high", "\tseverity: high", "12:1: not valid YAML: found a tab character that violates indentation: indent with spaces, not with tabs"),
    (LIMIT, "from: 2026-03-30", "from: 2026-02-30", "12:11: 2026-02-30 is not a day of the calendar"),
    # shape
    (RULE, "kind: rule", "kind: rules", "1:7: the kind 'rules' is not known; did you mean 'rule'?"),
    (RULE, "kind: rule\n", "", "1:1: the key 'kind' is missing: one of ruleset, parameter, tightening, definition, measure, exemption, rule"),
    (RULE, "severity: high", "severty: high", "12:1: the key 'severty' is not known here; did you mean 'severity'?"),
    (RULE, "severity: high", "severity: hgih", "12:11: 'severity' cannot be 'hgih'; did you mean 'high'?"),
    (RULE, "advice: Give nothing more.\n", "", "1:1: the key 'advice' is missing"),
    (RULE, "title: Gifts to one person above the annual limit", "title: 7", "4:8: 'title' must be text: write \"7\" in quotes"),
    (RULE, "title: Gifts to one person above the annual limit", "title: no", "4:8: 'title' must be text; no is a word for yes-or-no fields: write \"no\" in quotes"),
    (RULE, "title: Gifts to one person above the annual limit", "title: null", "4:8: null has no meaning here: write a value, or leave the key out"),
    (RULE, "register: true", 'register: "true"', "15:11: 'register' must be true or false, not 'true'"),
    (RULE, "verified_on: 2026-01-01", 'verified_on: "2026-01-01"', "7:14: 'verified_on' must be a date like 2026-03-30 without quotes, not '2026-01-01'"),
    (RULE, "id: G101", "id: g101", "2:5: 'id' must be a capital letter and three or four digits, like G101, not 'g101'"),
    (RULE, 'source: "https://example.org/1"', 'sauce: "https://example.org/1"', "5:32: the key 'sauce' is not known here; did you mean 'source'?"),
    (RULE, 'source: "https://example.org/1"', 'source: "javascript:alert(1)"', "5:40: 'source' must be a web address that begins with https://, not 'javascript:alert(1)'"),
    (RULE, "window: firm-year", "window: year", "10:60: 'window' must be firm-year, fiscal-year, calendar, fiscal:MM-DD, first-gift or trailing-12-months, not 'year'"),
    (RULE, "per: [firm, recipient]", "per: [firm, recipent]", "10:40: 'per' cannot be 'recipent'; did you mean 'recipient'?"),
    (RULE, "at_most: gift-limit", "at_most: {percent: p, fo: gift-limit}", "10:93: the key 'fo' is not known here; known: of, percent"),
    ("rules/D901-conflicts.yaml", "conflicting-duplicates", "conflicting-duplicate", "5:13: 'data_check' cannot be 'conflicting-duplicate'; did you mean 'conflicting-duplicates'?"),
    # parameters
    (LIMIT, '"300.00"', "300", "13:12: 'value' must be an amount of money in quotes, not 300: write \"300.00\" in quotes"),
    (LIMIT, '"300.00"', '"$300"', "13:12: 'value' '$300' is not an amount; write it like 1234.50"),
    (LIMIT, "until: 2026-03-30", "until: 2026-03-01", "7:12: no value is in force from 2026-03-01 to 2026-03-30 (exclusive); write a value of null for a time without one"),
    (LIMIT, "until: 2026-03-30", "until: 2026-04-01", "7:12: two values are in force from 2026-03-30 to 2026-04-01 (exclusive)"),
    (LIMIT, "until: 2026-03-30", "from: 2027-03-30", "12:11: values must be in order of date: 2026-03-30 is not after 2027-03-30"),
    (LIMIT, "  - from: 2026-03-30\n    value", "  - value", "12:5: 'from' is missing: only the first value may hold since always"),
    (LIMIT, "type: money", "type: count", "8:12: 'value' must be a plain whole number, not '100.00'"),
    (BASIS, "value: cost", "value: costs", "6:18: 'value' cannot be 'costs'; did you mean 'cost'?"),
    (BASIS, "choices: [cost, higher_of_cost_or_market]\n", "", "1:1: a parameter of type choice needs `choices`, the strictest last"),
    ("parameters/small-item.yaml", "origin: This project's own reading.\n", "", "6:1: an interpretation needs an `origin`: who reads the law so, and why"),
    # names between documents
    (RULE, "is: reached", "is: reeched", "8:18: the definition 'reeched' is not known; did you mean 'reached'?"),
    (RULE, "[small]", "[smal]", "9:13: the exemption 'smal' is not known; did you mean 'small'?"),
    (RULE, "of: value-of-gift", "of: value-of-gifts", "10:13: the measure 'value-of-gifts' is not known; did you mean 'value-of-gift'?"),
    (RULE, "at_most: gift-limit", "at_most: gift-limits", "10:80: the parameter 'gift-limits' is not known; did you mean 'gift-limit'?"),
    (RULE, "at_most: gift-limit", "at_most: days-to-log", "10:80: days-to-log is a parameter of type days; a money one is needed here"),
    (RULE, "at_most: gift-limit", "at_most: {percent: gift-limit, of: gift-limit}", "10:90: gift-limit is a parameter of type money; a percent one is needed here"),
    (RULE, "at_most: gift-limit", "less_than: gift-limit, at_most: gift-limit", "10:8: needs exactly one of 'at_most' and 'less_than'"),
    (RULE, "{limit}", "{limits}", "13:10: 'message' names 'limits', which is not known; did you mean 'limit'?"),
    (RULE, "{limit}", "{limit!r}", "13:10: 'message' must name limit plainly: {limit}"),
    (RULE, "{limit}", "{limit", "13:10: 'message' has a brace out of place: unexpected '{' in field name"),
    (RULE, "{limit}", "{firm.__class__}", "13:10: 'message' names 'firm.__class__', which is not known"),
    (RULE, "register: true", "requires_columns: [cots]", "15:20: the column 'cots' is not known; did you mean 'cost'?"),
    (RULE, "register: true", "when: {ordinary: yes}", "15:1: a rule has exactly one of total, count, when, deadline, data_check; this one has total and when"),
    (RULE, "total: {of: value-of-gift, per: [firm, recipient], window: firm-year, at_most: gift-limit}\n", "", "1:1: a rule has exactly one of total, count, when, deadline, data_check; this one has none"),
    (RULE, "outcome: violation", "outcome: undetermined", "11:10: only a data check is undetermined by itself: write violation or review"),
    (RULE, "applies_to: {is: reached}\n", "", "1:1: the key 'applies_to' is missing"),
    (LATE, "severity: low", "severity: low\nregister: true", "14:1: the register shows totals, and this rule has none"),
    (LATE, "in_force: {from: 2020-01-01}", "in_force: {from: 2020-01-01, until: 2019-01-01}", "6:37: 'until' must be after 'from' (2020-01-01)"),
    ("rules/D901-conflicts.yaml", "outcome", "applies_to: {is: reached}\noutcome", "6:1: a data check looks at every event: leave 'applies_to' out"),
    (RULE, "name: yearly", "name: annual", "2:5: the file is named 'G101-yearly'; by its id it must be named G101-annual.yaml"),
    # conditions
    (SMALL, "value-of-gift: {at_most: small-item}", "value-of-gift: {at_most: days-to-log}", "5:37: days-to-log is a parameter of type days; a money one is needed here"),
    (SMALL, "value-of-gift: {at_most: small-item}", 'value-of-gift: {at_most: "50.00"}', "5:37: the parameter '50.00' is not known; a number stands in a parameter of its own, with its date and source"),
    (SMALL, "value-of-gift: {at_most: small-item}", "value-of-gift: {atmost: small-item}", "5:28: the measure value-of-gift does not take the test 'atmost'; did you mean 'at_most'?"),
    (SMALL, "value-of-gift: {at_most: small-item}", "cost: {at_most: small-item}", "5:19: the field cost (an amount) does not take the test 'at_most'; known: is_blank, more_than_field"),
    (SMALL, "{has: de_minimis}", "{has: deminimis}", "4:30: category cannot be 'deminimis'; did you mean 'de_minimis'?"),
    (SMALL, "{has: de_minimis}", "de_minimis", "4:24: category (several words) cannot be compared with 'de_minimis': write {has: de_minimis}"),
    (SMALL, "{has: de_minimis}", "{has: [de_minimis, cash, cash]}", "4:49: 'cash' is listed twice"),
    (SMALL, "{has: de_minimis}", "{has: []}", "4:30: needs a list of at least one word, like [a, b]"),
    (SMALL, "{has: de_minimis}", "{has: cash, only: [cash]}", "4:24: a test has exactly one key, this one has 2"),
    (SMALL, "{category: {has: de_minimis}}", "reached", "4:13: a condition is a mapping with one key, not 'reached': write {is: reached}"),
    (SMALL, "{category: {has: de_minimis}}", "[{is: reached}]", "4:13: a condition cannot be a list: write all: or any: before it"),
    (SMALL, "{category: {has: de_minimis}}", "{logo: yes, ordinary: yes}", "4:13: a condition has exactly one key, this one has 2: join several with all: [...]"),
    (SMALL, "{category: {has: de_minimis}}", "{logos: yes}", "4:14: 'logos' is no field, measure or word of conditions; did you mean 'logo'?"),
    (SMALL, "{category: {has: de_minimis}}", "{logo: true}", "4:20: logo is yes or no, not true"),
    (SMALL, "{category: {has: de_minimis}}", "{kind: yes}", '4:20: kind is compared with words, not with yes: write "yes" in quotes'),
    (SMALL, "{category: {has: de_minimis}}", "{logo: {is_blank: yes}}", "4:31: 'is_blank' must be true or false, not yes"),
    (SMALL, "{category: {has: de_minimis}}", "{any: []}", "4:19: 'any' needs a list of at least one condition"),
    (SMALL, "{category: {has: de_minimis}}", "{doubtful: {when: {logo: yes}, fact: logo}}", "4:24: 'doubtful' needs exactly the keys when, fact and ask"),
    (SMALL, "{category: {has: de_minimis}}", "{doubtful: {when: {logo: yes}, fact: logos, ask: x}}", "4:50: the field 'logos' is not known; did you mean 'logo'?"),
    (LATE, "after: event_date", "after: event_dat", "10:59: 'event_dat' is no other date field; did you mean 'event_date'?"),
    (LATE, "after: event_date", "after: logged_on", "10:59: logged_on is compared with itself"),
    (LATE, "days: days-to-log", "days: 30", "10:39: the parameter 30 is not known; a number stands in a parameter of its own, with its date and source"),
    # definitions, exemptions, measures
    (REACHED, "{direction: given}", "{is: reached}", "7:12: leads in a circle: reached -> reached"),
    (SMALL, "{category: {has: de_minimis}}", "{exempt: small}", "4:22: leads in a circle: small -> small"),
    (MEASURE, "{category: {has: ticket}}", "{value-of-gift: {at_most: gift-limit}}", "6:11: a measure cannot depend on a measure"),
    (MEASURE, "[cost, face_value]", "[cost, face]", "7:24: 'face' is no amount field; did you mean 'face_value'?"),
    (MEASURE, "  - basis: basis", "  - basis: basis\n    when: {logo: yes}", "9:5: the last case decides what no other does: leave its 'when' out"),
    (MEASURE, "  - basis: basis", "  - basis: basis\n    highest_of: [cost]", "8:5: a case needs exactly one of 'highest_of' and 'basis'"),
    (MEASURE, "  - when: {category: {has: ticket}}\n    highest_of", "  - highest_of", "6:5: the key 'when' is missing: only the last case is without a condition"),
    (MEASURE, "bases: {cost: [cost], ", "bases: {", "8:12: basis can be 'cost', which 'bases' does not have"),
    (MEASURE, "basis: basis", "basis: gift-limit", "8:12: gift-limit is a parameter of type money; a choice one is needed here"),
    # ids
    (LATE, "id: G102\nname: late", "id: G101\nname: late", "2:5: the file is named 'G102-late'; by its id it must be named G101-late.yaml"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), REFUSALS, ids=[f"{r[0]}:{r[3][:60]}" for r in REFUSALS])
def test_what_is_wrong_is_refused_with_its_place(base: Path, file: str, old: str, new: str, message: str) -> None:
    path = base / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    with pytest.raises(RulesetError) as caught:
        load_rulebook((base,))

    assert message == str(caught.value).removeprefix(f"{path}:")
