"""Lists of recommendations of reviews from outside: read as they are, brought in as often as they come."""
