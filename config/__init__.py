"""Settings and compression rules, read at the edges and passed in."""
