"""Write crds/ and docs/reference/ from types and registry; with --check, say what has drifted.

Called by `make generate` and `make check`.
"""

import argparse
import difflib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def wanted_files() -> dict[str, str]:
    """Return every generated file: its path from the root, and its text."""
    from hack.generate.crd import crd_yaml
    from hack.generate.kinds import GROUP, KINDS
    from hack.generate.reference import reference_page
    from hack.generate.statistical_tests import statistical_tests_page

    files = {f"crds/{GROUP}_{kind.plural}.yaml": crd_yaml(kind) for kind in KINDS}
    files |= {f"docs/reference/{kind.singular}.md": reference_page(kind) for kind in KINDS}
    return files | {"docs/reference/statistical-tests.md": statistical_tests_page()}


def drift(root: Path) -> str:
    """Return a diff from what the files hold to what they should; empty if nothing drifted."""
    lines: list[str] = []
    for name, text in wanted_files().items():
        path = root / name
        found = path.read_text() if path.exists() else ""
        lines += difflib.unified_diff(
            found.splitlines(keepends=True), text.splitlines(keepends=True), name, "generated"
        )
    return "".join(lines)


def write(root: Path) -> None:
    """Write every generated file."""
    for name, text in wanted_files().items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on drift")
    if not parser.parse_args().check:
        write(ROOT)
        return 0
    found = drift(ROOT)
    if found:
        print(found, end="")
        print("crds/ or docs/reference/ do not fit the code: run `make generate`", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # so that it runs by its path as well as by `python -m`
    sys.exit(main())
