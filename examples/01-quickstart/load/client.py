"""Send the requests of requests.json over and over, and say each second who answered how."""

import collections
import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

RATE = 40
SECONDS = 600


def ask(url: str, body: bytes) -> str:
    """Send one request; return the version that answered, and how it went."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return f"{answer.headers['Headgate-Version']} ok"
    except urllib.error.HTTPError as error:
        return f"{error.headers['Headgate-Version']} failed with {error.code}"
    except OSError as error:
        return f"no answer: {error}"


def main() -> None:
    """Send at a steady rate for as long as it was set."""
    folder = Path(__file__).parent
    bodies = [
        json.dumps(body).encode() for body in json.loads((folder / "requests.json").read_text())
    ]
    counts: collections.Counter[str] = collections.Counter()
    for number in range(RATE * SECONDS):
        started = time.monotonic()
        counts[ask(sys.argv[1], bodies[number % len(bodies)])] += 1
        if number % RATE == RATE - 1:
            told = ", ".join(f"{what}: {count}" for what, count in sorted(counts.items()))
            print(time.strftime("%H:%M:%S"), told, flush=True)
            counts.clear()
        time.sleep(max(0.0, started + 1 / RATE - time.monotonic()))


if __name__ == "__main__":
    main()
