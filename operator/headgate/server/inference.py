"""From the bytes of a request to the bytes of its answer; runs in the worker threads."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from headgate.server.formats.base import LoadedModel, ModelUnloadableError
from headgate.server.protocol.datatypes import BYTES, DATATYPES, Array, datatype_of
from headgate.server.protocol.rejection import ModelFailedError, RejectedError
from headgate.server.protocol.replies import Reply, build_reply, wanted_outputs
from headgate.server.protocol.requests import parse_infer_request
from headgate.server.protocol.signature import ANY_SIZE, TensorSpec, tensors_for


class Inference:
    """One loaded model under its name and version."""

    def __init__(self, model: LoadedModel, *, name: str, version: str) -> None:
        self._model = model
        self._name = name
        self._version = version
        self.outputs = model.outputs

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What the model takes."""
        return self._model.rules.inputs

    def answer(self, body: bytes, header_length: str | None) -> Reply:
        """Answer a request; raises RejectedError (its fault) or ModelFailedError (the model's)."""
        request = parse_infer_request(body, header_length)
        wanted = wanted_outputs(request, tuple(output.name for output in self.outputs))
        tensors = tensors_for(self._model.rules, request.inputs)
        try:
            results = self._model.predict(tensors, wanted)
            return build_reply(
                model=self._name,
                version=self._version,
                request_id=request.id,
                results=results,
                wanted=wanted,
            )
        except (RejectedError, ModelFailedError):
            raise
        except Exception as error:
            kind = type(error).__name__
            raise ModelFailedError(f"the model failed with {kind}", kind=kind) from error

    def warm_up(self, example: Mapping[str, Any] | None) -> str | None:
        """Predict once, so that the first client doesn't wait for what libraries do at first use.

        An example from the model's card must be answered, or ModelUnloadableError is raised. A row
        of zeros and empty texts, which a healthy model may refuse, is tried as well: returns that
        refusal.
        """
        if example is not None:
            try:
                self.answer(json.dumps(example).encode(), None)
            except (RejectedError, ModelFailedError) as error:
                raise ModelUnloadableError(
                    f"headgate.json: warmup: {error.message}{_cause(error)}"
                ) from error
        try:
            self._learn_outputs(self._model.predict(_blank_row(self.inputs), self._output_names()))
        except Exception as error:  # noqa: BLE001  (whatever a model raises is its answer here)
            return f"{type(error).__name__}: {str(error)[:200]}"
        return None

    def _output_names(self) -> tuple[str, ...]:
        return tuple(output.name for output in self.outputs)

    def _learn_outputs(self, results: Mapping[str, Array]) -> None:
        self.outputs = tuple(
            TensorSpec(
                spec.name,
                datatype_of(results[spec.name]) or spec.datatype,
                (ANY_SIZE, *results[spec.name].shape[1:]),
            )
            for spec in self.outputs
        )


def _cause(error: BaseException) -> str:
    # the author of the model reads this one, not a client
    cause = error.__cause__
    return f": {str(cause)[:300]}" if cause is not None else ""


def _blank_row(inputs: tuple[TensorSpec, ...]) -> Mapping[str, Array]:
    row: dict[str, Array] = {}
    for spec in inputs:
        shape = tuple(1 if size == ANY_SIZE else size for size in spec.shape)
        if spec.datatype == BYTES:
            row[spec.name] = np.full(shape, "", dtype=object)
        else:
            row[spec.name] = np.zeros(shape, dtype=DATATYPES[spec.datatype])
    return row
