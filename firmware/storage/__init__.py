"""Records and settings; SQL appears nowhere else."""
