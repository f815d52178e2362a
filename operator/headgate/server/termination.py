"""How a process of ours says why it ends: a line of JSON that lands in the pod's status."""

import json
import os
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Final

_DEFAULT_LOG: Final = "/dev/termination-log"
_MAX_MESSAGE: Final = 1000  # Kubernetes keeps 4096 bytes, and a character may take 4


class ExitReason(StrEnum):
    """Why a server or its fetch gave up; the operator shows it as the version's reason."""

    SETTINGS_INVALID = "SettingsInvalid"
    ARTIFACT_UNAVAILABLE = "ArtifactUnavailable"
    ARTIFACT_INVALID = "ArtifactInvalid"
    DIGEST_MISMATCH = "DigestMismatch"
    MODEL_UNLOADABLE = "ModelUnloadable"


class ExitCode(IntEnum):
    """One exit code a reason, for those who see only codes."""

    SETTINGS_INVALID = 2
    ARTIFACT_UNAVAILABLE = 3
    ARTIFACT_INVALID = 4
    DIGEST_MISMATCH = 5
    MODEL_UNLOADABLE = 6


class GivingUpError(Exception):
    """The process can't do its work, and trying again may or may not help."""

    def __init__(self, reason: ExitReason, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message[:_MAX_MESSAGE]

    @property
    def exit_code(self) -> ExitCode:
        """The code to exit with."""
        return ExitCode[self.reason.name]


def report(failure: GivingUpError) -> None:
    """Write the termination message; a place that isn't there (outside a pod) is passed over."""
    line = json.dumps({"reason": failure.reason, "message": failure.message})
    path = Path(os.environ.get("HEADGATE_TERMINATION_LOG", _DEFAULT_LOG))
    try:
        path.write_text(line)
    except OSError:
        return
