"""A request to give one thing: its cells, from a file or a command line, read in plain Python with the meaning of the intake.

Reading a log is SQL and starts a database; a request must be answered before that has started. Tests hold the two together.
"""

from __future__ import annotations

from finra_rules.intake.request.errors import RequestError
from finra_rules.intake.request.files import read_request_file
from finra_rules.intake.request.read import Request, read_request

__all__ = ["Request", "RequestError", "read_request", "read_request_file"]
