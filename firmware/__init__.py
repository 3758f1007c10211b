"""The product: ports, calls, sound, records, daemons."""
