"""The read paths of a ledger: pages, proofs, tiles, histories. It never writes."""

from ledger.reader.moments import LiveMoments, Moment, Moments, StoredMoments
from ledger.reader.reader import Reader
from ledger.reader.views import view_json

__all__ = ["LiveMoments", "Moment", "Moments", "Reader", "StoredMoments", "view_json"]
