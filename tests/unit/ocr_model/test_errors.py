"""Every error of the room survives the way to another process."""

import pickle

import pytest

import ocr_model.reader  # noqa: F401  # whatever it defines joins the tree
from ocr_model.errors import GlyphserveError, ImageError, ImageFault

ARGUMENTS: dict[str, tuple[object, ...]] = {"ImageError": (ImageFault.TOO_LARGE, "Too large; at most 3.")}


def tree(root: type[GlyphserveError] = GlyphserveError) -> list[type[GlyphserveError]]:
    below = [error for branch in root.__subclasses__() for error in tree(branch)]
    return [error for error in [root, *below] if error.__module__.startswith("ocr_model.")]


@pytest.mark.parametrize("error", tree(), ids=lambda error: error.__name__)
def test_pickling_keeps_type_arguments_and_text(error: type[GlyphserveError]) -> None:
    original = error(*ARGUMENTS.get(error.__name__, ("What went wrong.",)))
    copy = pickle.loads(pickle.dumps(original))
    assert type(copy) is error
    assert copy.args == original.args
    assert str(copy) == str(original)
    assert vars(copy) == vars(original)


def test_the_tree_is_complete() -> None:
    names = {error.__name__ for error in tree()}
    assert {"CheckpointError", "CharsetError", "ConstraintError", "RecognitionError", "ImageError"} <= names


def test_an_image_error_speaks_to_the_client() -> None:
    error = ImageError(ImageFault.EMPTY, "The image is empty.")
    assert str(error) == "The image is empty."
    assert error.fault is ImageFault.EMPTY
