"""From a policy and data to findings under one error rate: one file a check."""
