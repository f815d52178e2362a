"""The kubectl-headgate plugin."""
