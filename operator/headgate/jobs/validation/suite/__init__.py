"""From a policy and data to findings under one error rate: a module or a folder per check."""
