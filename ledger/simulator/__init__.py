"""Worlds and stories for the demo and for tests."""
