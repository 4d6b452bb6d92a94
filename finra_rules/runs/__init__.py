"""A finished run read back from its directory, and put together as the report of a compliance officer.

`open_run` reads manifest, findings, problems and registers into an embedded database; `make_report` asks it for the sections. SQL
here is fixed text: nothing of a run is ever pasted into it. Nothing here knows a file format of reports; writers take what comes out.
"""

from __future__ import annotations

from finra_rules.runs.opening import Run, open_run

__all__ = ["Run", "open_run"]
