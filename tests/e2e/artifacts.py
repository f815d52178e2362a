"""Models of a few hundred bytes that start in a second: tables that a key is looked up in.

A table of eight answers keys 0 to 7. One of four fails on key 7, with a 500, as a real model fails
on a category that it never saw.
"""

import base64
import functools
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.builders.resources import Manifest

KEY = "model.onnx"
ONE_IN_FIVE = (0, 1, 7, 2, 3)
"""Keys to ask for, one of five too large for the small table."""
HARMLESS = (0, 1, 2, 3)
"""Keys that every table holds."""


@dataclass(frozen=True)
class Artifact:
    """The bytes of a model file."""

    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def in_config_map(self, name: str, namespace: str) -> Manifest:
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace},
            "binaryData": {KEY: base64.b64encode(self.content).decode()},
        }


@functools.cache
def a_table(entries: int) -> Artifact:
    """Return a model that answers so many keys."""
    values = numpy_helper.from_array(np.arange(entries, dtype=np.float32) / 2, "table")
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "key"], ["value"], axis=0)],
        "lookup",
        [helper.make_tensor_value_info("key", TensorProto.INT64, [None])],
        [helper.make_tensor_value_info("value", TensorProto.FLOAT, [None])],
        [values],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return Artifact(model.SerializeToString())


GOOD = a_table(8)
FAILS_ONE_IN_FIVE = a_table(4)
CANNOT_START = Artifact(b"no model at all")


def requests(keys: Iterable[int]) -> str:
    """Return the infer requests that the load sends, as the generator reads them."""
    return json.dumps([_request(key) for key in keys])


def _request(key: int) -> Manifest:
    return {"inputs": [{"name": "key", "datatype": "INT64", "shape": [1], "data": [key]}]}
