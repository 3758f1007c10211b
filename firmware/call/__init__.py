"""What a call is."""
