"""A cellular network with its modems, as the box sees them over a serial cable."""
