import json
from pathlib import Path
from typing import Any

import pytest

from headgate.server.modelcard import CardError, ModelCard, parse_card, read_card
from headgate.server.modelfolder import FolderError, find_model_file, served_folder
from headgate.server.protocol.signature import TensorSpec

INPUT = {"name": "x", "datatype": "FP64", "shape": [-1, 4]}


def a_folder(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return root


def test_a_folder_without_a_card_has_the_default_card(tmp_path: Path) -> None:
    assert read_card(tmp_path) == ModelCard()


def test_a_card_says_how_a_model_wants_to_be_served(tmp_path: Path) -> None:
    # given
    document = {
        "file": "m.skops",
        "inputs": [INPUT],
        "methods": ["predict_proba"],
        "accepts_nan": False,
        "warmup": {"inputs": []},
    }
    (tmp_path / "headgate.json").write_text(json.dumps(document))
    # then
    assert read_card(tmp_path) == ModelCard(
        file="m.skops",
        inputs=(TensorSpec("x", "FP64", (-1, 4)),),
        methods=("predict_proba",),
        accepts_nan=False,
        warmup={"inputs": []},
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "headgate.json: expected an object"),
        ({"input": [INPUT]}, "headgate.json: unknown fields input; known are file, inputs,"),
        ({"file": 3}, "file: expected a string"),
        ({"accepts_nan": "no"}, "accepts_nan: expected true or false"),
        ({"warmup": []}, "warmup: expected an infer request"),
        ({"methods": []}, "methods: expected a list of different methods"),
        ({"methods": ["predict", "predict"]}, "methods: expected a list of different methods"),
        ({"methods": ["fit"]}, r"methods\[0\]: expected one of predict, predict_proba"),
        ({"inputs": []}, "inputs: expected a list of inputs"),
        ({"inputs": [INPUT, INPUT]}, "inputs: two have the same name"),
        ({"inputs": [{"name": "x"}]}, r"inputs\[0\]: expected an object with name, datatype and"),
        ({"inputs": [{**INPUT, "name": ""}]}, r"inputs\[0\].name: expected a string"),
        ({"inputs": [{**INPUT, "datatype": "float"}]}, r"inputs\[0\].datatype: expected one of"),
        ({"inputs": [{**INPUT, "shape": [4]}]}, r"inputs\[0\].shape: expected a list that starts"),
        ({"inputs": [{**INPUT, "shape": [-1, 0]}]}, r"inputs\[0\].shape: expected sizes of at"),
    ],
)
def test_a_wrong_card_is_refused_with_its_field(document: Any, message: str) -> None:
    with pytest.raises(CardError, match=message):
        parse_card(document)


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000])
def test_a_card_that_is_not_json_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "headgate.json").write_bytes(content)
    with pytest.raises(CardError, match=r"headgate.json: is not valid JSON"):
        read_card(tmp_path)


def test_what_fetch_left_is_served_and_a_single_folder_is_entered(tmp_path: Path) -> None:
    a_folder(tmp_path, "current/iris/v1/model.onnx", "current/.fetched-sha256")
    assert served_folder(tmp_path) == tmp_path / "current" / "iris" / "v1"


def test_a_folder_that_was_not_fetched_is_served_as_it_is(tmp_path: Path) -> None:
    a_folder(tmp_path, "model.onnx", "model.onnx.data")
    assert served_folder(tmp_path) == tmp_path


def test_the_one_file_with_the_formats_ending_is_the_model(tmp_path: Path) -> None:
    a_folder(tmp_path, "model.json", "headgate.json", "README.md", "._model.json")
    assert find_model_file(tmp_path, (".json", ".ubj"), None) == tmp_path / "model.json"


def test_the_card_may_choose_among_files(tmp_path: Path) -> None:
    a_folder(tmp_path, "a.txt", "b.txt")
    assert find_model_file(tmp_path, (".txt",), "b.txt") == tmp_path / "b.txt"


@pytest.mark.parametrize(
    ("names", "chosen", "message"),
    [
        ((), None, "no .txt file in the artifact, which holds no file"),
        (("model.pkl",), None, "no .txt file in the artifact, which holds model.pkl"),
        (("a.txt", "b.txt"), None, r"several model files \(a.txt, b.txt\): name one in headgate"),
        (("a.txt",), "b.txt", "names the file 'b.txt', which isn't in the artifact"),
        (("a.txt",), "../a.txt", "names the file '../a.txt', which isn't in the artifact"),
        (("a.txt", "b.md"), "b.md", "names 'b.md', expected .txt"),
    ],
)
def test_a_folder_without_one_clear_model_is_refused(
    tmp_path: Path, names: tuple[str, ...], chosen: str | None, message: str
) -> None:
    with pytest.raises(FolderError, match=message):
        find_model_file(a_folder(tmp_path / "m", *names or (".keep",)), (".txt",), chosen)
