"""What travels between the programs, and how."""
