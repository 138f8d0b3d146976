"""The deterministic profile of everything that is signed: bytes to plain values and back."""
