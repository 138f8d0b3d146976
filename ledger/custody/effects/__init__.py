"""What each event does to the state, one file for each family."""
