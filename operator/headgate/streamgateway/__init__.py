"""StreamGateways: pools of stream gateways that scale, drain and rebalance."""
