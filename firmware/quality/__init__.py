"""What callers thought of it: marks, reviews of bad ones, causes."""
