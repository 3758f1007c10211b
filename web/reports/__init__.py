"""Figures on the page, each with its formula and the calls behind it."""
