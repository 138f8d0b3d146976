"""Where leaves, closings and records are kept; rows never leave this package."""
