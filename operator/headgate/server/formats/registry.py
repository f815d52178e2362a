"""Formats by the name that `spec.runtime.builtin.format` has; each imports only its own library."""

from typing import Final

from headgate.server.formats.base import Format
from headgate.server.formats.lightgbm_format import LightgbmFormat
from headgate.server.formats.onnx_format import OnnxFormat
from headgate.server.formats.sklearn_format import SklearnFormat
from headgate.server.formats.xgboost_format import XgboostFormat

FORMATS: Final[dict[str, Format]] = {
    "sklearn": SklearnFormat(),
    "xgboost": XgboostFormat(),
    "lightgbm": LightgbmFormat(),
    "onnx": OnnxFormat(),
}
