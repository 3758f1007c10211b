"""One state machine per kind of jack."""
