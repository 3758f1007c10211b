"""Programs that keep things and say when they did, and the means to stop them at every write."""
