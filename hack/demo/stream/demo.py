"""make demo-stream: a gateway full of clients grows, shrinks and changes; nobody loses a message.

10,500 clients in pods, on two cores; fewer by `--clients`. Ends with the ledger and a table of what
was promised. Exits with 1 when a promise was broken.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))  # so that it runs by its path

from rich.console import Console

from hack.demo.kubectl import KubectlError, of_this_clone
from hack.demo.promises import table_of_promises
from hack.demo.stream.acts import Act, Theatre
from hack.demo.stream.gateway import WaitedInVainError
from hack.demo.stream.promises import StreamStory, promises
from hack.demo.stream.screen import StreamScreen
from hack.demo.stream.stage import FEW, MANY, RATE, a_theatre

NAMESPACE = "headgate-demo-stream"
CLIENTS = 10_500
PODS = 5
LOAD_SECONDS = 3600
REST_SECONDS = 10.0


def main() -> int:
    """Play the demo; 0 when every promise held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--rate", type=float, default=RATE, help="messages a second, to each")
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 120)
    screen = StreamScreen(console)
    begun = time.monotonic()
    try:
        with screen.live():
            screen.begin(f"install the operator; a gateway of {FEW} pods comes up")
            with a_theatre(of_this_clone(), NAMESPACE, screen.show) as theatre:
                screen.ledger = theatre.crowd.ledger
                story = play(theatre, screen, options.clients, options.rate)
                screen.end()
    except (KubectlError, WaitedInVainError) as error:
        screen.end(ok=False)
        console.print(f"\nThe demo stopped: {error}", style="bold red", markup=False)
        return 1
    found = promises(story)
    console.print(table_of_promises(found))
    broken = [promise for promise in found if not promise.holds]
    verdict = "every promise held" if not broken else f"{len(broken)} promises were broken"
    style = "bold red" if broken else "bold green"
    console.print(f"{verdict}, {time.monotonic() - begun:.0f} s in all", style=style)
    console.print(f"\nThe gateway stays: kubectl -n {NAMESPACE} get sgw,pods", markup=False)
    return 1 if broken else 0


def play(theatre: Theatre, screen: StreamScreen, clients: int, rate: float) -> StreamStory:
    """Play all of it; return what happened."""
    each = -(-clients // PODS)
    screen.begin(f"{each * PODS:,} clients connect, {rate:g} messages a second to each")
    theatre.connect(PODS, each, rate=rate, seconds=LOAD_SECONDS)
    theatre.rest(REST_SECONDS)
    screen.begin("two pods more: connections are spread anew")
    _told(screen, theatre.scale(MANY))
    screen.begin("two pods less: their clients move first")
    _told(screen, theatre.scale(FEW))
    screen.begin("a new configuration, first on one pod, then on all")
    _told(screen, theatre.roll(resources={"requests": {"cpu": "40m"}}))
    screen.begin("a configuration that cannot work goes back")
    stable = theatre.gateway.status.stable_revision
    act, rejected = theatre.revert()
    _told(screen, act)
    kept = theatre.gateway.status.stable_revision == stable
    screen.begin("the publisher stops; the ledger is balanced")
    last = theatre.all_have_all()
    return StreamStory(
        clients=theatre.clients,
        last=last,
        ledger=theatre.crowd.ledger,
        status=theatre.gateway.status,
        rejected=rejected,
        stable_kept=kept,
    )


def _told(screen: StreamScreen, act: Act) -> None:
    slow = f"{act.p99 * 1000:.0f} ms" if act.p99 is not None else "none"
    screen.tell(f"{act.seconds:.0f} s; delivery p99 meanwhile {slow}")


if __name__ == "__main__":
    sys.exit(main())
