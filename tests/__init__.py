"""Everything that proves the product, and the bench it runs on."""
