"""Before a call or a mail: may this account executive contact this client by this channel at this time; if not, when next.

The contact that is asked about becomes one more row of the contact log, is joined to its client like any other, and is judged by the
same rules on two engines. Rules about what is recorded afterwards are left out.
"""

from __future__ import annotations

from finra_rules.precontact.answer import ContactAnswer
from finra_rules.precontact.desk import ContactFiles, ask_contact

__all__ = ["ContactAnswer", "ContactFiles", "ask_contact"]
