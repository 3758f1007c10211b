"""Messages that leave the box."""
