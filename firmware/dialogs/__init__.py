"""What the box says to one of its own handsets, step by step: tests, wake-up calls, accounts."""
