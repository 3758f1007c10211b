"""Looking after the box: backup, updates, security, logs, what was done, programs that may ask."""
