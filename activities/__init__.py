"""One step each of the story: thin, safe to run twice. A permanent failure is a value, a transient one an exception."""
