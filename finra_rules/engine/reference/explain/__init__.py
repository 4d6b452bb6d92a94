"""From what the pass found to findings: messages, missing facts and the arithmetic in words."""

from __future__ import annotations
