"""What is happening now, and the log of calls."""
