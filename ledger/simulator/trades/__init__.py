"""The honest trades of a simulated world, one file for each kind of goods, listed as data."""

from __future__ import annotations

from ledger.simulator.trades.crocodiles import crocodiles
from ledger.simulator.trades.dishes import antiques, caviar
from ledger.simulator.trades.pythons import pythons
from ledger.simulator.trades.timber import timber

TRADES = (crocodiles, pythons, timber, caviar, antiques)
"""Every trade, as a function of the world and the number of its run."""

__all__ = ["TRADES"]
