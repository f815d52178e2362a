"""What servers did amiss, and when: what is told of it, in words that stay while the fault does."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from headgate.streamgateway.engines.custom.contract import Fault

LASTING = 10.0
"""Seconds for which a server has to answer amiss until that is told: one that is busy is none."""
BYGONE = 10.0
"""Seconds after which a refusal is told no more: what still has to be done is asked each second."""


@dataclass(frozen=True, kw_only=True)
class _Amiss:
    fault: Fault
    """The first of its kind: what came may differ each time, and is not told anew."""
    since: float
    last: float


class Complaints:
    """What is held against the servers of one gateway, by uid of their pods."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Hold nothing against anybody yet. The clock only goes forward."""
        self._clock = clock
        self._answers: dict[str, _Amiss] = {}
        self._refusals: dict[str, _Amiss] = {}

    def answered_amiss(self, uid: str, fault: Fault) -> str:
        """Remember that a status cannot be used; return what is told, once it has lasted."""
        told = self._noted(self._answers, uid, fault)
        return told.fault.text if told.last - told.since >= LASTING else ""

    def answered_well(self, uid: str) -> None:
        """Forget what was amiss with answers; also of one from which none are due yet."""
        self._answers.pop(uid, None)

    def refused(self, uid: str, fault: Fault) -> bool:
        """Remember what was not done that was asked for; return whether that is news."""
        before = self._refusals.get(uid)
        told = self._noted(self._refusals, uid, fault)
        return before is None or before.fault != told.fault

    def did(self, uid: str) -> None:
        """Forget what was not done: what was asked for is done."""
        self._refusals.pop(uid, None)

    def refusal(self, uid: str) -> str:
        """Return what was not done a moment ago, in words; empty where nothing was refused."""
        told = self._refusals.get(uid)
        if told is None:
            return ""
        if self._clock() - told.last >= BYGONE:  # nothing is asked of it any more
            del self._refusals[uid]
            return ""
        return told.fault.text

    def forget_all_but(self, present: AbstractSet[str]) -> None:
        """Forget pods that are gone."""
        for kept in (self._answers, self._refusals):
            for uid in kept.keys() - present:
                del kept[uid]

    def _noted(self, kept: dict[str, _Amiss], uid: str, fault: Fault) -> _Amiss:
        now, before = self._clock(), kept.get(uid)
        if before is None:
            kept[uid] = _Amiss(fault=fault, since=now, last=now)
        else:
            same = before.fault.kind == fault.kind
            first = before.fault if same else fault
            kept[uid] = _Amiss(fault=first, since=before.since, last=now)
        return kept[uid]
