"""From a gateway to its children. Pure: equal input gives equal manifests."""
