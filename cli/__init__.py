"""The command line `ringmark`."""
