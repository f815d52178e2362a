"""How weights reach the data plane: one module per router."""
