"""The manual inside the page: texts, how they are rendered, which page leads where."""
