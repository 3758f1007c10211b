"""outboxd: what leaves the box besides speech."""
