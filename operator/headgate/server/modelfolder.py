"""Find the model file in what `fetch` left behind."""

from collections.abc import Iterable
from pathlib import Path

from headgate.server.layout import CARD_FILE, FETCHED_FOLDER


class FolderError(Exception):
    """The folder doesn't hold exactly one model file; the message lists what it holds."""


def served_folder(model_dir: Path) -> Path:
    """Return the folder that holds the model: what `fetch` unpacked, or `model_dir` itself.

    An archive made of one folder is entered, so that `tar czf m.tar.gz m/` works too.
    """
    folder = model_dir / FETCHED_FOLDER
    if not folder.is_dir():
        folder = model_dir
    entries = _visible(folder)
    while len(entries) == 1 and entries[0].is_dir():
        folder = entries[0]
        entries = _visible(folder)
    return folder


def find_model_file(folder: Path, suffixes: Iterable[str], named: str | None) -> Path:
    """Return the one file with such a suffix, or the one that the card names."""
    wanted = tuple(suffixes)
    if named is not None:
        path = folder / named
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise FolderError(f"{CARD_FILE} names the file {named!r}, which isn't in the artifact")
        if not path.name.endswith(wanted):
            raise FolderError(f"{CARD_FILE} names {named!r}, expected {_either(wanted)}")
        return path
    files = [path for path in _visible(folder) if path.is_file() and path.name != CARD_FILE]
    found = [path for path in files if path.name.endswith(wanted)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(path.name for path in (found or files)[:10]) or "no file"
    if found:
        raise FolderError(f"several model files ({listed}): name one in {CARD_FILE} as `file`")
    raise FolderError(f"no {_either(wanted)} file in the artifact, which holds {listed}")


def _visible(folder: Path) -> list[Path]:
    # dot files are what operating systems leave in archives
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _either(suffixes: tuple[str, ...]) -> str:
    return " or ".join(suffixes)
