"""Pages of paper as bits: what goes to a fax machine, and what came from one."""
