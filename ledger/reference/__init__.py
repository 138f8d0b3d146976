"""Reference tables: taxa, terms, units and conversions, as data files with one loader."""
