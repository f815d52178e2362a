"""ONNX models, run by onnxruntime on the CPU."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from headgate.server.formats.base import LoadedModel, ModelUnloadableError
from headgate.server.modelcard import ModelCard
from headgate.server.protocol.datatypes import BYTES, Array
from headgate.server.protocol.rejection import RejectedError
from headgate.server.protocol.signature import ANY_SIZE, InputRules, TensorSpec

_DATATYPES: Final = {
    "tensor(bool)": "BOOL",
    "tensor(int8)": "INT8",
    "tensor(int16)": "INT16",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(uint8)": "UINT8",
    "tensor(uint16)": "UINT16",
    "tensor(uint32)": "UINT32",
    "tensor(uint64)": "UINT64",
    "tensor(float16)": "FP16",
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(string)": BYTES,
}
_ERRORS_ONLY: Final = 3


class OnnxFormat:
    """Loads .onnx; inputs and outputs have the names that the graph gives them."""

    suffixes = (".onnx",)

    def load(self, path: Path, card: ModelCard, *, allow_pickle: bool) -> LoadedModel:  # noqa: ARG002
        """Start a session; one thread a prediction, because the server runs several at once."""
        import onnxruntime

        if card.inputs is not None or card.methods is not None:
            raise ModelUnloadableError(
                "headgate.json: inputs and methods are not for onnx: the graph declares them"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        try:
            session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ModelUnloadableError(
                f"{path.name}: onnxruntime can't load it: {error}"
            ) from error
        return OnnxModel(session, card)


class OnnxModel:
    """A session; its `run` may be called from several threads."""

    def __init__(self, session: Any, card: ModelCard) -> None:
        self._session = session
        inputs = session.get_inputs()
        for node in inputs:
            if node.type not in _DATATYPES:
                raise ModelUnloadableError(
                    f"input {node.name!r} is a {node.type}; only tensors are served"
                )
        self.rules = InputRules(
            inputs=tuple(_spec(node) for node in inputs),
            accepts_nan=card.accepts_nan,
            accepts_infinity=True,
        )
        self._symbols = {node.name: tuple(node.shape) for node in inputs}
        # a classifier of skl2onnx has a list of maps beside its labels unless zipmap is off
        self.outputs = tuple(
            _spec(node) for node in session.get_outputs() if node.type in _DATATYPES
        )
        if not self.outputs:
            raise ModelUnloadableError("no output is a tensor; convert with zipmap off")

    def predict(self, tensors: Mapping[str, Array], wanted: Collection[str]) -> Mapping[str, Array]:
        """Run the graph for the wanted outputs."""
        self._require_equal_symbols(tensors)
        names = list(wanted)
        results = self._session.run(names, dict(tensors))
        return dict(zip(names, results, strict=True))

    def _require_equal_symbols(self, tensors: Mapping[str, Array]) -> None:
        """Sizes that the graph gives one name must be equal in all inputs."""
        sizes: dict[str, tuple[int, str]] = {}
        for name, tensor in tensors.items():
            for symbol, size in zip(self._symbols[name], tensor.shape, strict=True):
                if not isinstance(symbol, str) or not symbol:
                    continue
                first, owner = sizes.setdefault(symbol, (size, name))
                if first != size:
                    raise RejectedError(
                        f'inputs: "{owner}" has {first} of {symbol}, but "{name}" has {size}'
                    )


def _spec(node: Any) -> TensorSpec:
    shape = tuple(size if isinstance(size, int) and size > 0 else ANY_SIZE for size in node.shape)
    return TensorSpec(node.name, _DATATYPES[node.type], shape)
