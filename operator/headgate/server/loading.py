"""Load the model that the settings describe, whatever is wrong with it."""

from headgate.server.formats.base import ModelUnloadableError
from headgate.server.formats.registry import FORMATS
from headgate.server.inference import Inference
from headgate.server.logs import log
from headgate.server.modelcard import CardError, read_card
from headgate.server.modelfolder import FolderError, find_model_file, served_folder
from headgate.server.settings import ServerSettings
from headgate.server.termination import ExitReason, GivingUpError


def load_inference(settings: ServerSettings) -> Inference:
    """Return the model, loaded and warm; raises GivingUpError with what its author can do."""
    try:
        return _load(settings)
    except (ModelUnloadableError, CardError, FolderError) as error:
        raise GivingUpError(ExitReason.MODEL_UNLOADABLE, str(error)) from error
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        raise GivingUpError(ExitReason.MODEL_UNLOADABLE, message) from error


def _load(settings: ServerSettings) -> Inference:
    model_format = FORMATS[settings.model_format]
    folder = served_folder(settings.model_dir)
    card = read_card(folder)
    path = find_model_file(folder, model_format.suffixes, card.file)
    model = model_format.load(path, card, allow_pickle=settings.allow_pickle)
    inference = Inference(model, name=settings.model_name, version=settings.model_version)
    refusal = inference.warm_up(card.warmup)
    log("model loaded", file=path.name, blankRow=refusal or "answered")
    return inference
