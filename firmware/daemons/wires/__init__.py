"""lined: the wires and the sound, and what its loop and its start need."""
