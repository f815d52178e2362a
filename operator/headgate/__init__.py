"""Headgate: machine-learning delivery on Kubernetes, with rollouts that go back by themselves."""
