"""What a model predicts: classes, or numbers."""

from enum import StrEnum


class Task(StrEnum):
    """What the target is."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"
