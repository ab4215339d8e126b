import csv
import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from deployments.cli.main import app
from deployments.cli.misread_sheet import COLUMNS, Misread, draw_sheet
from ocr_model.reader import Reader
from ocr_model.reading import Reading
from ocr_model.weights import base_folder
from tests.support.captcha_server import draw_captcha

RUNNER = CliRunner()
IMAGES = 5


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What the shipped model reads on the first drawn images."""
    readings = Reader.load(base_folder()).read([draw_captcha(number) for number in range(IMAGES)])
    texts = [reading.text for reading in readings if isinstance(reading, Reading)]
    assert len(texts) == IMAGES
    assert all(texts)
    return texts


@pytest.fixture
def sets(tmp_path: Path, told: list[str]) -> Path:
    """Two sets: in `right` every label is what is read; in `wrong` the first label has a character more."""
    for name, labels in {"right": told, "wrong": [f"{told[0]}#", *told[1:]]}.items():
        folder = tmp_path / "sets" / name
        folder.mkdir(parents=True)
        for number in range(IMAGES):
            (folder / f"{number}.png").write_bytes(draw_captcha(number))
        rows = "".join(f"{number}.png,{label}\n" for number, label in enumerate(labels))
        (folder / "labels.csv").write_text(f"file,label\n{rows}", encoding="utf-8")
    return tmp_path / "sets"


def evaluate(*arguments: str | Path) -> Result:
    return RUNNER.invoke(app, ["eval", *map(str, arguments)])


def test_a_folder_of_sets_is_measured_and_saved(sets: Path, tmp_path: Path, told: list[str]) -> None:
    result = evaluate(sets, "--json", "--save", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    assert [report["sets"][name]["exact"] for name in ("right", "wrong")] == [100, 80]
    assert report["mean"]["exact"] == 90
    assert report["mean"]["image_ms"] > 0
    assert report["confusions"] == [{"truth": "#", "read": "", "times": 1}]
    assert [read["text"] for read in report["reads"]["right"]] == told
    assert json.loads((tmp_path / "out" / "report.json").read_text()) == report
    with (tmp_path / "out" / "table.csv").open(newline="") as file:
        rows = {row["set"]: row for row in csv.DictReader(file)}
    assert [rows[name]["exact"] for name in ("right", "wrong", "mean")] == ["100.0", "80.0", "90.0"]
    with Image.open(tmp_path / "out" / "misread.png") as sheet:
        assert sheet.width > COLUMNS * 150


def test_one_set_without_mistakes_has_no_sheet_and_removes_an_older_one(sets: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "misread.png").write_bytes(b"older")
    result = evaluate(sets / "right", "--save", tmp_path / "out")
    assert result.exit_code == 0, result.stderr
    assert "100.0" in result.stdout
    assert "Commonest confusions" not in result.stdout
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["report.json", "table.csv"]


def test_the_tables_show_sets_mean_confusions_and_the_gain_of_the_own_charset(sets: Path) -> None:
    result = evaluate(sets, "--own-charset")
    assert result.exit_code == 0, result.stderr
    lines = [line.replace("│", " ").split() for line in result.stdout.splitlines()]
    assert any(line[:3] == ["wrong", "5", "80.0"] for line in lines)
    assert any(line[:3] == ["mean", "10", "90.0"] for line in lines)
    assert ["#", "nothing", "1"] in lines
    assert ["mean", "90.0", "90.0", "+0.0"] in lines


def test_the_charset_restricts_every_answer(sets: Path) -> None:
    report = json.loads(evaluate(sets / "right", "--charset", "17", "--json").stdout)
    assert set("".join(read["text"] for read in report["reads"]["right"])) <= {"1", "7"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["{sets}/nowhere"], "labels.csv"),
        (["{sets}/right", "--charset", "ж"], "charset"),
        (["{sets}/right", "--model", "nowhere"], "manifest.json"),
    ],
)
def test_what_cannot_be_measured_is_one_line(sets: Path, options: list[str], said: str) -> None:
    result = evaluate(*(option.format(sets=sets) for option in options))
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_the_sheet_shows_the_surest_mistakes_and_leaves_out_sets_without_any(sets: Path) -> None:
    def mistake(number: int, confidence: float) -> Misread:
        return Misread(sets / "right" / f"{number % IMAGES}.png", "1234", "124", confidence)

    few, many = [mistake(n, 0.1) for n in range(3)], [mistake(n, n / 100) for n in range(90)]
    heights = [draw_sheet({"set": each, "none": []}).height for each in (few, many)]
    assert heights[0] < heights[1] < 6 * heights[0]
    surest = draw_sheet({"set": many[-24:]}).tobytes()
    shown = draw_sheet({"set": many})
    # All but the heading, which says that there are more.
    assert shown.crop((0, 30, shown.width, shown.height)).tobytes() == surest[30 * shown.width * 3 :]


def test_an_image_that_is_none_is_on_the_sheet_too(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no image")
    assert draw_sheet({"set": [Misread(tmp_path / "bad.png", "12", "", 0.0)]}).height > 100
