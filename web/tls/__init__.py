"""Encryption of the page: an authority of the box's own, its certificate, and the door in front."""
