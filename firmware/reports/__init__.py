"""Figures of the office: facts made from the event log, and every measure with its formula."""
