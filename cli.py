"""Run the command line from a checkout: ``python cli.py audit examples/gifts.csv``."""

from __future__ import annotations

from finra_rules.commands import main

if __name__ == "__main__":
    main()
