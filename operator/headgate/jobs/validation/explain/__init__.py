"""How much each feature adds to a model's answer: Shapley values, by the way that fits."""
