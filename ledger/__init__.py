"""Ringmark's core: rules, log, proofs and verdicts for legal wildlife products."""
