"""The versions of events, as the entries make them: what the table `versions` must hold, computed from bodies alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finra_rules.ledger.records import LOG, REQUEST, NewVersion

Version = dict[str, Any]


def version_of(new: NewVersion, event: Mapping[str, Any]) -> Version:
    """Return the change of standing as a body holds it under `version`; `event` is the stored event as JSON."""
    version: Version = {
        "firm_id": event["cells"].get("firm_id", ""),
        "event_id": event["cells"]["event_id"],
        "standing": str(new.standing),
        "content_seq": new.content_seq,
        "since": new.since.isoformat(),
        "origin": new.origin,
        "closes": sorted(set(new.closes)),
    }
    if new.request:
        version["request"] = list(new.request)
    return version


def row_of(seq: int, version: Version, event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of `versions` that entry `seq` makes, still current; `event` is the one that the version speaks of."""
    cells = event["cells"]
    content_seq = version["content_seq"] or seq
    request_id, request_seq = version.get("request", (None, None))
    if version["origin"] == REQUEST:
        request_id, request_seq = version["event_id"], content_seq
    return {
        "seq": seq,
        "content_seq": content_seq,
        "firm_id": version["firm_id"],
        "event_id": version["event_id"],
        "recipient_key": event["recipient_key"],
        "giver_id": cells.get("giver_id"),
        "occasion_id": cells.get("occasion_id"),
        "event_date": cells["event_date"],
        "standing": version["standing"],
        "origin": version["origin"],
        "since": version["since"],
        "request_id": request_id,
        "request_seq": request_seq,
        "until_seq": None,
    }


def checked(new: NewVersion) -> NewVersion:
    """Return `new`; raises ValueError where a caller made one that has no meaning."""
    if new.origin not in (LOG, REQUEST):
        raise ValueError(f"origin {new.origin!r}: a version comes from {LOG!r} or {REQUEST!r}")
    if new.request and new.origin != LOG:
        raise ValueError("only an imported event takes the place of a request")
    return new
