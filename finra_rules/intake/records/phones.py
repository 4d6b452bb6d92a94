"""In which time zones a phone number may ring, by its area: the tables of the package `phonenumbers`."""

from __future__ import annotations

from finra_rules.intake.records.clocks import zones_named

REGION = "US"
"""The country of a number that is written without one."""


def zones_of_number(number: str) -> tuple[str, ...]:
    """Return the zones of a number as it is written; none if it is not a valid number or its area is not known."""
    from phonenumbers import NumberParseException, parse
    from phonenumbers.timezone import time_zones_for_number

    try:
        zones = time_zones_for_number(parse(number, REGION))
    except NumberParseException:
        return ()
    return tuple(zone for zone in zones if zones_named(zone))
