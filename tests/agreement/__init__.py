"""Two engines and a judge that tries everything must say the same of small logs."""

from __future__ import annotations
