"""sipd: trunks to providers, by a library of its own in a process of its own."""
