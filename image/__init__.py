"""The SD card of the box: built in stages from the registries alone, and booted."""
