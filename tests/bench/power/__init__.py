"""Power cuts: a card that writes down every write and flush, and is cut at any of them."""
