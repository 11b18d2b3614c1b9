"""What the host serves over HTTP: the app's functions, the durable API, the admin pages."""
