"""Score sheets, incidents and drills on the page."""
