"""`kubectl headgate`: steer and watch rollouts by hand."""
