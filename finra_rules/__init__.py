"""finra-rules: dated, cited gift, entertainment and client-contact rules, checked against a firm's own logs."""

from __future__ import annotations

__version__ = "0.1.0"
