"""The first steps of a new box: five pages, from its country to a call with its own greeting."""
