from pathlib import Path

import pytest

from ocr_model.errors import LabelsError
from ocr_model.labelled import LabelledImage, labelled_folders, read_labels


def make(folder: Path, table: str, *files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labels.csv").write_text(table, encoding="utf-8")
    for name in files:
        (folder / name).write_bytes(b"x")
    return folder


def test_labels_are_read_exactly(tmp_path: Path) -> None:
    folder = make(tmp_path, "file,label\na.png,0012\nb.gif, x\n", "a.png", "b.gif")
    assert read_labels(folder) == [
        LabelledImage(folder / "a.png", "0012"),
        LabelledImage(folder / "b.gif", " x"),
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "has no column 'file'"),
        ("file,label\n", "lists no image"),
        ("file,text\na.png,x\n", "has no column 'label'"),
        ("file,label\na.png\n", "line 2 lacks 'label'"),
        ("file,label\na.png,x\na.png,\n", "line 3 lacks 'label'"),
        ("file,label\ngone.png,x\n", "line 2: there is no file gone.png"),
        ("file,label\nbelow/../a.png,x\n", "line 2: .* is not in the folder itself"),
    ],
)
def test_a_malformed_table_is_an_error_that_names_the_line(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "below").mkdir()
    folder = make(tmp_path, table, "a.png")
    with pytest.raises(LabelsError, match=message):
        read_labels(folder)


def test_a_folder_without_table_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match="cannot be read"):
        read_labels(tmp_path)


def test_a_folder_is_one_set_or_holds_several(tmp_path: Path) -> None:
    one = make(tmp_path / "one", "file,label\n")
    two = make(tmp_path / "two", "file,label\n")
    (tmp_path / "neither").mkdir()
    assert labelled_folders(tmp_path) == {"one": one, "two": two}
    assert labelled_folders(one) == {"one": one}
    with pytest.raises(LabelsError):
        labelled_folders(tmp_path / "neither")
