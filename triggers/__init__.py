"""How work comes in: blobs, queue messages, HTTP requests, the clock."""
