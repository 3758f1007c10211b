"""What is owed to customers: tickets with deadline, owner and steps."""
