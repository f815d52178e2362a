"""Files of rows, and a model's answers to them: read, checked, kept as columns of numpy arrays."""
