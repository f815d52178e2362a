"""decide: what to do about a StreamGateway, from what was seen of it. Pure."""
