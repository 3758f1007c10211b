"""The agent's desk: who calls, what is known of him, what became of it."""
