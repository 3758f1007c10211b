"""Kernel devices that are not there, for genuine modules in another process."""
