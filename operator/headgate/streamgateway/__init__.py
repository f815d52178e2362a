"""StreamGateways: pools of streaming servers that scale, drain and rebalance."""
