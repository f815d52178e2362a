"""What differs by the server that a StreamGateway runs."""
