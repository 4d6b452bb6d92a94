"""The nouns: money, dates, event fields, citations, findings, problems. Nothing here reads a file or knows an engine."""

from __future__ import annotations
