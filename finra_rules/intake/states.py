"""The states of the United States, the District of Columbia and the territories, with the codes of the Postal Service.

Source: USPS Publication 28, appendix B (https://pe.usps.com/text/pub28/28apb.htm).
"""

from __future__ import annotations

_WRITTEN = """
AL Alabama; AK Alaska; AZ Arizona; AR Arkansas; CA California; CO Colorado; CT Connecticut; DE Delaware; DC District of Columbia;
FL Florida; GA Georgia; HI Hawaii; ID Idaho; IL Illinois; IN Indiana; IA Iowa; KS Kansas; KY Kentucky; LA Louisiana; ME Maine;
MD Maryland; MA Massachusetts; MI Michigan; MN Minnesota; MS Mississippi; MO Missouri; MT Montana; NE Nebraska; NV Nevada;
NH New Hampshire; NJ New Jersey; NM New Mexico; NY New York; NC North Carolina; ND North Dakota; OH Ohio; OK Oklahoma; OR Oregon;
PA Pennsylvania; RI Rhode Island; SC South Carolina; SD South Dakota; TN Tennessee; TX Texas; UT Utah; VT Vermont; VA Virginia;
WA Washington; WV West Virginia; WI Wisconsin; WY Wyoming; AS American Samoa; GU Guam; MP Northern Mariana Islands; PR Puerto Rico;
VI Virgin Islands
"""
STATES: dict[str, str] = {
    code: name for code, _, name in (one.strip().replace("\n", " ").partition(" ") for one in _WRITTEN.split(";"))
}
"""Code -> name."""
CODES: dict[str, str] = {name.lower(): code for code, name in STATES.items()}
"""Name in small letters -> code."""
