"""The world outside the box: telephones, exchange lines, chips."""
