"""Pure, offline verification: verdicts, cards, bundles, audits."""
