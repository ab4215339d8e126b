from pathlib import Path

import pytest
from pyarrow import fs as arrow

from train.errors import StoreError
from train.finetune.store import Folder


@pytest.fixture(params=["local", "elsewhere"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    """A folder of the local disk, known as such or hidden behind another filesystem's interface."""
    if request.param == "local":
        return Folder.at(str(tmp_path / "f"))
    for name in ("model", "x"):
        (tmp_path / "f" / name).mkdir(parents=True)
    return Folder(arrow.SubTreeFileSystem(str(tmp_path), arrow.LocalFileSystem()), "f")


def test_what_is_put_is_read_and_replaced(folder: Folder) -> None:
    assert not folder.exists("a")
    folder.put("a", b"1")
    folder.put("a", b"22")
    assert folder.exists("a")
    assert folder.read("a") == b"22"


def test_a_fetched_folder_holds_the_files(folder: Folder, tmp_path: Path) -> None:
    folder.child("model").put("a", b"1")
    assert (folder.child("model").fetch(tmp_path / "copy") / "a").read_bytes() == b"1"


def test_removing_takes_all_and_forgives_nothing_there(folder: Folder) -> None:
    folder.child("x").put("a", b"1")
    folder.child("x").remove()
    folder.child("x").remove()
    assert not folder.child("x").exists("a")


def test_a_missing_file_is_named(folder: Folder) -> None:
    with pytest.raises(StoreError, match="f/none"):
        folder.read("none")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder.at(str(tmp_path))
    folder.put("a", b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match="could not be written"):
        folder.put("a", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"old")]


def test_a_place_that_cannot_be_is_an_error() -> None:
    with pytest.raises(StoreError, match="nothing://x"):
        Folder.at("nothing://x")
