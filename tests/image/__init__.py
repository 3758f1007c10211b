"""The units, the image and its boot."""
