"""The plan on durable-rules: a second, independent reading of the rules for one request.

A plan becomes propositions about an event (`propositions`), small enough for the network, and tables of dated numbers (`tables`). The network
answers them over facts (`asking`), derived ones standing on those before; running totals are computed here (`totals`) and held against
their limits by the network again (`standing`). Only `network` knows the library.
"""

from __future__ import annotations

from finra_rules.engine.rete.judging import Rete
from finra_rules.engine.rete.network import available

__all__ = ["Rete", "available"]
