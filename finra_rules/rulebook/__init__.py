"""Rule sets as data: YAML files checked and turned into typed, immutable rules. No rule is evaluated here."""

from __future__ import annotations
