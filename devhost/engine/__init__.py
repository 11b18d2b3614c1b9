"""The Durable Task engine, and the bridge that lets azure-functions-durable orchestrators run on it."""
