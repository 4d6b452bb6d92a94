"""Finished results as text, JSON, CSV and a run directory. Nothing here reads a log or evaluates a rule."""

from __future__ import annotations
