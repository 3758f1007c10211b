"""What the box keeps: settings and records. SQL and files of state appear nowhere else."""
