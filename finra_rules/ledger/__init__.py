"""The ledger: past events, requests, decisions and reservations; append-only, each entry chained to the one before."""

from __future__ import annotations
