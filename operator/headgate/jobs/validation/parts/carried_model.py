"""A model that goes along with its files to wherever rows are, and is loaded there once."""

import io
import tarfile
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from headgate.jobs.validation.data.file_model import FileModel
from headgate.jobs.validation.data.model_file import load_model
from headgate.jobs.validation.data.task import Task


@dataclass(frozen=True, kw_only=True)
class Loading:
    """How `load_model` is asked for a model."""

    path: Path
    format_name: str | None
    allow_pickle: bool
    task: Task | None
    classes: tuple[str, ...]
    features: tuple[str, ...]

    def load(self) -> FileModel:
        """Return the model; raises ModelError."""
        return load_model(
            self.path,
            format_name=self.format_name,
            allow_pickle=self.allow_pickle,
            task=self.task,
            classes=self.classes,
            features=self.features,
        )


class CarriedModel:
    """A model in memory; pickled, it is its files, for objects of libraries cannot all travel."""

    def __init__(self, loading: Loading, model: FileModel) -> None:
        self.loading = loading
        self.model = model

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as files."""
        return _arrived, (self.loading, self.loading.path.is_dir(), _packed(self.loading.path))


def carried(loading: Loading) -> CarriedModel:
    """Return the model of a file, folder or archive; raises ModelError."""
    return CarriedModel(loading, loading.load())


def _packed(path: Path) -> bytes:
    if not path.is_dir():
        return path.read_bytes()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(path, arcname=".")
    return packed.getvalue()


@lru_cache(maxsize=4)
def _arrived(loading: Loading, folder: bool, packed: bytes) -> CarriedModel:
    with TemporaryDirectory(prefix="headgate-model-") as work:
        place = Path(work, loading.path.name or "model")
        if folder:
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                archive.extractall(place, filter="data")
        else:
            place.write_bytes(packed)
        return CarriedModel(loading, replace(loading, path=place).load())
