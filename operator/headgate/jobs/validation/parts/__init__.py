"""Files that outgrow memory: what is computed of some of their rows, and how that adds up."""
