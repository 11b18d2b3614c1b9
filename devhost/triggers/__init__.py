"""How work comes in from storage and from the clock."""
