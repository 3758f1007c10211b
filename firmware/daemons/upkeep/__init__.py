"""What keeps the box itself: updates, the way back, safe mode, beginning anew."""
