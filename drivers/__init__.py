"""Electricity, not calls: buses, chips and the line contract."""
