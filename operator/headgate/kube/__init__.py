"""The only code that talks to the API server: client, caches that follow it, typed errors."""
