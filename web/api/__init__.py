"""The box for programs: the same commands as the page, as JSON, described by OpenAPI."""
