"""What the office knows: articles, and words by which things are found."""
