"""The transparency log: tree, checkpoints, tiles, proofs and the state map. It knows no events."""
