"""`./simpi`: the command line. It talks to the system from the outside: blob storage and HTTP."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder."""
