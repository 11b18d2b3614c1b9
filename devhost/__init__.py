"""A small host that runs an unmodified Azure Durable Functions app on one machine."""

VERSION = "0.1.0"
MOST_WORKERS = 16
