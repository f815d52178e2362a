"""How many pods a gateway's pool should have: from what its pods were seen to carry. Pure.

The caller scrapes every pod each READ_EVERY seconds, folds each sample into a History with
record(), and asks decide_replicas(). The history is plain data that may be lost at any moment: a
short one never shrinks the pool.
"""

from headgate.streamgateway.decide.autoscale.decide import READ_EVERY, decide_replicas
from headgate.streamgateway.decide.autoscale.history import History, record
from headgate.streamgateway.decide.autoscale.load import Signal
from headgate.streamgateway.decide.autoscale.pods import PodPhase, PodSignals, Sample
from headgate.streamgateway.decide.autoscale.scaling import Scaling
from headgate.streamgateway.decide.autoscale.targets import Targets, default_connections_per_pod

__all__ = [
    "READ_EVERY",
    "History",
    "PodPhase",
    "PodSignals",
    "Sample",
    "Scaling",
    "Signal",
    "Targets",
    "decide_replicas",
    "default_connections_per_pod",
    "record",
]
