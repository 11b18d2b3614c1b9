"""A stand-in for SIMPI: its API for the media of steps on a real database, and a receiver of webhooks."""
