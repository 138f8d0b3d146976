"""The Flask verifier and registrar front end."""
