"""Load a version's model, in the formats of the server and by its own code."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from headgate.jobs.validation.data.answers import ANYTHING, ModelError
from headgate.jobs.validation.data.file_model import FileModel
from headgate.jobs.validation.data.labels import class_positions
from headgate.jobs.validation.data.model_inputs import inlets_of
from headgate.jobs.validation.data.model_natives import Native, native_of
from headgate.jobs.validation.data.model_outputs import Form, Outlet
from headgate.jobs.validation.data.names import listed
from headgate.jobs.validation.data.task import Task
from headgate.server.fetch.settings import Limits
from headgate.server.fetch.unpack import unpack
from headgate.server.formats.base import ModelUnloadableError
from headgate.server.formats.registry import FORMATS
from headgate.server.layout import CARD_FILE
from headgate.server.modelcard import CardError, ModelCard, read_card
from headgate.server.modelfolder import FolderError, find_model_file, served_folder
from headgate.server.termination import GivingUpError

_ARCHIVES: Final = (".tar.gz", ".tgz", ".tar", ".zip")


def load_model(
    path: Path,
    *,
    format_name: str | None,
    allow_pickle: bool,
    task: Task | None,
    classes: Sequence[str],
    features: Sequence[str],
) -> FileModel:
    """Return the model in a file, a folder, or an archive (.tar.gz, .tgz, .tar, .zip).

    `format_name` is one of the server's formats, else it is told by the ending. A headgate.json in
    the folder or archive is followed for inputs; outputs are those that checks need, whatever it
    lists. `task` and `classes` are the target's; without a task, the model's own. `features` are
    the data's columns in the file's order, for models that know no names. Raises ModelError.
    """
    file = path.name
    if format_name is not None and format_name not in FORMATS:
        raise ModelError(f"{file}: the format {format_name!r} is none of {', '.join(FORMATS)}")
    try:
        with _model_folder(path) as (folder, single):
            card = ModelCard() if single else read_card(folder)
            runtime = format_name or _format_of(folder, single)
            chosen = single or find_model_file(folder, FORMATS[runtime].suffixes, card.file)
            loaded = FORMATS[runtime].load(chosen, card, allow_pickle=allow_pickle)
            native = native_of(runtime, loaded, chosen, features)
    except (ModelError, MemoryError):
        raise
    except GivingUpError as error:
        raise ModelError(f"{file}: {error.message}") from error
    except (ModelUnloadableError, CardError, FolderError) as error:
        raise ModelError(f"{file}: {str(error).removeprefix(f'{file}: ')}") from error
    except ANYTHING as error:
        first = (str(error).strip().splitlines() or [""])[0][:300]
        raise ModelError(f"{file}: {type(error).__name__}: {first}") from error
    return FileModel(
        runtime=runtime,
        native=native.model,
        loaded=loaded,
        inlets=inlets_of(loaded.rules.inputs, native.trained, features, file),
        outlet=_outlet(native, task, tuple(classes), file),
    )


@contextmanager
def _model_folder(path: Path) -> Iterator[tuple[Path, Path | None]]:
    """Give the folder that holds the model; second the file, where it is all there is."""
    if path.is_dir():
        yield served_folder(path), None
    elif not path.exists():
        raise ModelError(f"{path.name}: there is no such file or folder")
    elif path.suffix and not path.name.lower().endswith(_ARCHIVES):
        yield path.parent, path
    else:
        with TemporaryDirectory() as work:
            folder = Path(work, "unpacked")
            folder.mkdir()
            # a copy, because unpacking moves what turns out to be no archive
            copied = Path(shutil.copyfile(path, Path(work, "artifact")))
            unpack(copied, path.name, folder, Limits())
            yield served_folder(folder), None


def _format_of(folder: Path, single: Path | None) -> str:
    files = [single] if single else [item for item in folder.iterdir() if item.is_file()]
    names = sorted(item.name for item in files if item.name != CARD_FILE)
    found = [
        runtime
        for runtime, model_format in FORMATS.items()
        if any(name.endswith(model_format.suffixes) for name in names)
    ]
    if len(found) == 1:
        return found[0]
    endings = sorted({end for model_format in FORMATS.values() for end in model_format.suffixes})
    raise ModelError(
        f"{(single or folder).name}: the format cannot be told by the files ({listed(names)}):"
        f" keep one model there, with an ending of its format ({', '.join(endings)})"
    )


def _outlet(native: Native, task: Task | None, classes: tuple[str, ...], file: str) -> Outlet:
    settled = task or _own_task(native, file)
    if settled is Task.REGRESSION:
        if native.known is not None or native.places is not None:
            raise ModelError(f"{file}: the model is a classifier, and the target is a regression's")
        return Outlet(file=file, task=settled, classes=(), scores=native.scores or native.labels)
    named = classes if task is not None else _own_classes(native)
    _check_classes(native, named, file)
    return Outlet(
        file=file,
        task=settled,
        classes=named,
        labels=native.labels,
        scores=native.scores,
        form=native.form if native.form is Form.MARGIN else Form.PROBABILITY,
        known=native.known,
        by_place=native.places is not None,
    )


def _check_classes(native: Native, classes: tuple[str, ...], file: str) -> None:
    if native.model is not None and native.known is None and native.places is None:
        raise ModelError(
            f"{file}: the model answers with a number, and the target has the classes"
            f" {listed(classes)}: save a classifier, or a booster whose objective gives"
            " probabilities"
        )
    unknown = [name for name in native.known or () if name not in class_positions(classes)]
    if unknown:
        raise ModelError(
            f"{file}: the model knows {listed(unknown)}, and the target has only"
            f" {listed(classes)} in both files: give rows of every class of the model"
        )
    if native.places is not None and native.places != len(classes):
        raise ModelError(
            f"{file}: the model has {native.places} classes, and the target has {len(classes)}"
            f" ({listed(classes)}): give rows of every class of the model"
        )


def _own_task(native: Native, file: str) -> Task:
    if native.known is not None or native.places is not None:
        return Task.CLASSIFICATION
    if native.labels is not None:
        raise ModelError(
            f"{file}: does not say which classes it knows: name the target in spec.target"
        )
    return Task.REGRESSION


def _own_classes(native: Native) -> tuple[str, ...]:
    return native.known or tuple(str(place) for place in range(native.places or 0))
