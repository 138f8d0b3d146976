"""The client side of a party: drafts, numbers, dry runs, outbox."""
