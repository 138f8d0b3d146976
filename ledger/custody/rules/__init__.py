"""The rules, one file for each family, listed as data."""
