"""Who calls: cards of customers, their import, export and merging."""
