"""The time zones of the states of the United States, the District of Columbia and the territories.

Which parts of a state lie in which zone stands in 49 CFR part 71; the names are those of the IANA time zone database
(zone1970.tab, release 2026f, and the comments on the zones in its file `northamerica`). A state lists every zone that any part of it
keeps, also zones that differ in past years only. Local habit against the law (Phenix City, AL; Kenton, OK) is left out.
"""

from __future__ import annotations

_EASTERN = "America/New_York"
_CENTRAL = "America/Chicago"
_MOUNTAIN = "America/Denver"
_PACIFIC = "America/Los_Angeles"

_OF_ONE_ZONE = {
    _EASTERN: "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    _CENTRAL: "AL AR IA IL LA MN MO MS OK WI",
    _MOUNTAIN: "CO MT NM UT WY",
    _PACIFIC: "CA WA",
    # Arizona keeps no daylight saving time, but the Navajo Nation in it does: clients there need a timezone of their own.
    "America/Phoenix": "AZ",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
_SPLIT = {
    "AK": (
        *("America/Adak", "America/Anchorage", "America/Juneau", "America/Metlakatla", "America/Nome"),
        *("America/Sitka", "America/Yakutat"),
    ),
    "FL": (_CENTRAL, _EASTERN),
    "ID": ("America/Boise", _PACIFIC),
    "IN": (
        *(_CENTRAL, "America/Indiana/Indianapolis", "America/Indiana/Knox", "America/Indiana/Marengo"),
        *("America/Indiana/Petersburg", "America/Indiana/Tell_City", "America/Indiana/Vevay"),
        *("America/Indiana/Vincennes", "America/Indiana/Winamac", "America/Kentucky/Louisville", _EASTERN),
    ),
    "KS": (_CENTRAL, _MOUNTAIN),
    "KY": (_CENTRAL, "America/Kentucky/Louisville", "America/Kentucky/Monticello", _EASTERN),
    "MI": ("America/Detroit", "America/Menominee"),
    "ND": (
        *(_CENTRAL, _MOUNTAIN, "America/North_Dakota/Beulah", "America/North_Dakota/Center"),
        "America/North_Dakota/New_Salem",
    ),
    "NE": (_CENTRAL, _MOUNTAIN),
    "NV": (_MOUNTAIN, _PACIFIC),  # West Wendover keeps Mountain time (49 CFR 71.9).
    "OR": ("America/Boise", _PACIFIC),
    "SD": (_CENTRAL, _MOUNTAIN),
    "TN": (_CENTRAL, _EASTERN),
    "TX": (_CENTRAL, _MOUNTAIN),
}
STATE_ZONES: dict[str, tuple[str, ...]] = {
    **{state: (zone,) for zone, states in _OF_ONE_ZONE.items() for state in states.split()},
    **_SPLIT,
}
"""The zones of a state, by its postal code."""
ALL_ZONES: tuple[str, ...] = tuple(sorted({zone for zones in STATE_ZONES.values() for zone in zones}))
"""Every zone of the United States and its territories: where somebody may be of whom nothing is known."""
