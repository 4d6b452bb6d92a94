"""What the text of a cell may look like, and what counts as blank around it; the same for SQL (RE2) and for Python."""

from __future__ import annotations

WHITE = " \t\n\r\v\f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What is taken away around a cell."""
NAME_WHITE = "[\\t\\n\\f\\r \u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]+"
"""What counts as one blank within a name, when names are compared."""
TIME_PATTERN = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
COUNT_PATTERN = r"0*[1-9][0-9]{0,8}"
COUNT_MOST = 999_999_999
ISO_DATE_PATTERN = r"(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}"
CURRENCY_PATTERN = r"[A-Za-z]{3}"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,12})?)?"
WALL_PATTERN = ISO_DATE_PATTERN + "[T ]" + _CLOCK
"""A day and a clock time without an offset from UTC."""
MOMENT_PATTERN = WALL_PATTERN + " ?(Z|[+-][0-9]{2}(:?[0-5][0-9])?)"
DAY_PATTERN = ISO_DATE_PATTERN + r"([T ]00:00(:00([.,]0+)?)?( ?(Z|[+-]00(:?00)?))?)?"
"""A day, or a midnight that stands for one."""
