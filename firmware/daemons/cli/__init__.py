"""``tipring``: the box on the command line, a module for each kind of command."""
