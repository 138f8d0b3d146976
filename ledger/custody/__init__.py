"""The trade: events, states and rules as frozen data and pure functions. It knows no bytes."""
