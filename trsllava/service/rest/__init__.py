"""REST, one router a subject."""
