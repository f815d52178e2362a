"""What each of many clients was handed: which sequences are missing, twice, out of order. Pure."""

from dataclasses import dataclass, field

MOST_COUNTED = 255


@dataclass(frozen=True, kw_only=True)
class Balance:
    """The sums over all clients."""

    clients: int
    deliveries: int
    missing: int
    duplicates: int
    disordered: int
    incomplete_clients: int
    """Clients that miss at least one sequence."""


@dataclass(slots=True)
class Page:
    """One client's page: how often each sequence came, from `first` on. A byte a sequence."""

    first: int
    times: bytearray = field(default_factory=bytearray)
    last: int = 0
    disordered: int = 0

    def record(self, sequence: int) -> None:
        """Note one delivery; what came before `first` is not counted."""
        place = sequence - self.first
        if place < 0:
            return
        if place >= len(self.times):
            self.times.extend(bytes(place + 1 - len(self.times)))
        self.times[place] = min(self.times[place] + 1, MOST_COUNTED)
        if sequence < self.last:
            self.disordered += 1
        self.last = max(self.last, sequence)

    def missing(self, last: int) -> list[int]:
        """Return the sequences up to `last`, included, that never came."""
        length = last - self.first + 1
        seen = self.times[:length] + bytes(max(0, length - len(self.times)))
        return [self.first + place for place, times in enumerate(seen) if times == 0]

    def duplicates(self) -> int:
        return sum(self.times) - (len(self.times) - self.times.count(0))


class Ledger:
    """A page for each client; all were subscribed before `first` was published."""

    def __init__(self, clients: int, *, first: int) -> None:
        self.first = first
        self.pages = [Page(first) for _ in range(clients)]

    def record(self, client: int, sequence: int) -> None:
        self.pages[client].record(sequence)

    def have_all(self, last: int) -> int:
        """Return how many clients have every sequence up to `last`."""
        return sum(not page.missing(last) for page in self.pages)

    def balance(self, last: int) -> Balance:
        """Return the sums for the sequences from `first` to `last`, both included."""
        missing = [len(page.missing(last)) for page in self.pages]
        return Balance(
            clients=len(self.pages),
            deliveries=sum(sum(page.times) for page in self.pages),
            missing=sum(missing),
            duplicates=sum(page.duplicates() for page in self.pages),
            disordered=sum(page.disordered for page in self.pages),
            incomplete_clients=sum(count > 0 for count in missing),
        )
