"""The only write path of a ledger: from signed bytes to a durable block and a receipt.

Owns the order of DESIGN: judge, commit, read back, sign, high-water, acknowledge. Nothing else in
Ringmark writes leaves or signs heads.
"""

from ledger.registrar.outcomes import Failed, Outcome, Refused, Registered
from ledger.registrar.registrar import Registrar

__all__ = ["Failed", "Outcome", "Refused", "Registered", "Registrar"]
