"""The plan on durable-rules: a second, independent reading of the rules for one request."""

from __future__ import annotations
