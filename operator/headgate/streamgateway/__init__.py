"""StreamGateway: a pool of stream gateways that scales, drains and rebalances."""
