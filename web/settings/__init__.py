"""Everything an office sets, as forms made from the settings' own shape."""
