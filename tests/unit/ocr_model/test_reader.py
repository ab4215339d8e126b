"""The reader: per-item results, batches that change nothing, and no torch."""

import io
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from ocr_model import weights
from ocr_model.charset import Charset
from ocr_model.checkpoint import save_checkpoint
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.ctc import decode
from ocr_model.errors import (
    CheckpointError,
    ConstraintError,
    ImageError,
    ImageFault,
    RecognitionError,
)
from ocr_model.manifest import Lineage
from ocr_model.network import Recogniser
from ocr_model.reader import Reader
from ocr_model.reading import Reading


@pytest.fixture(scope="session")
def reader(model_folder: Path) -> Reader:
    # The network has learnt nothing and is sure of nothing: each image would be looked at again.
    return Reader.load(model_folder, again_below=0)


def png(ink: Image.Image) -> bytes:
    file = io.BytesIO()
    ink.save(file, "PNG")
    return file.getvalue()


def test_it_reads_what_the_network_says(reader: Reader, network: Recogniser, noise: NDArray[np.uint8]) -> None:
    log_probs = network(torch.from_numpy(noise)).detach().numpy()
    expected = [decode(columns, Charset("ab7")).text for columns in log_probs]
    assert any(expected)
    assert [reading.text for reading in reader.recognise(noise)] == expected
    assert reader.version == "tiny-1"


def test_the_probability_of_what_was_read_is_its_confidence(reader: Reader, noise: NDArray[np.uint8]) -> None:
    readings = reader.recognise(noise)
    told = reader.examine(noise, [reading.text for reading in readings])
    assert [reading for reading, _ in told] == readings
    assert [of_truth for _, of_truth in told] == pytest.approx([r.confidence for r in readings], rel=1e-6)
    assert reader.examine(noise[:1], ["Ω"])[0][1] == 0.0
    assert 0.0 < reader.examine(noise[:1], ["a"])[0][1] < 1.0
    assert reader.examine(noise[:0], []) == []


def test_a_batch_reads_as_its_images_alone(reader: Reader, noise: NDArray[np.uint8]) -> None:
    together = reader.recognise(noise)
    alone = [reader.recognise(image[None])[0] for image in noise]
    assert [r.text for r in together] == [r.text for r in alone]
    assert [r.confidence for r in together] == pytest.approx([r.confidence for r in alone], rel=1e-3)
    assert reader.recognise(noise[:0]) == []


def test_each_image_has_its_own_constraint(reader: Reader, noise: NDArray[np.uint8]) -> None:
    free = reader.recognise(noise)
    constraints = [NO_CONSTRAINT] * 5
    constraints[2] = Constraint(frozenset("7"), 4, 4)
    bound = reader.recognise(noise, constraints)
    assert bound[2].text == "7777"
    assert bound[:2] + bound[3:] == free[:2] + free[3:]
    with pytest.raises(ValueError, match="zip"):
        reader.recognise(noise, constraints[:3])


def test_a_bad_image_fails_itself_alone(reader: Reader, ink: Image.Image) -> None:
    good = png(ink)
    results = reader.read([good, b"", good, b"<html>", good[:40]] + [good] * 15)
    faults = [r.fault if isinstance(r, ImageError) else None for r in results]
    assert faults[:5] == [None, ImageFault.EMPTY, None, ImageFault.NOT_IMAGE, ImageFault.NOT_IMAGE]
    readings = {r.text for r in results if isinstance(r, Reading)}
    assert readings == {reader.recognise(reader.prepare(good)[None])[0].text}
    assert reader.read([]) == []


def test_threads_may_share_a_reader(reader: Reader, noise: NDArray[np.uint8]) -> None:
    expected = reader.recognise(noise)
    with ThreadPoolExecutor(4) as pool:
        for told in pool.map(lambda _: reader.recognise(noise), range(12)):
            assert told == expected


def test_a_constraint_can_be_checked_beforehand(reader: Reader) -> None:
    reader.check(Constraint(frozenset("7x")))
    with pytest.raises(ConstraintError, match="'x'"):
        reader.check(Constraint(frozenset("x")))


def test_a_failing_run_is_a_recognition_error(reader: Reader) -> None:
    with pytest.raises(RecognitionError, match="batch"):
        reader.recognise(np.zeros((1, 48, 99, 3), dtype=np.uint8))


def test_a_graph_of_other_classes_is_refused_at_load(model_folder: Path, tmp_path: Path, network: Recogniser) -> None:
    """Hashes cannot show it: the manifest is honest about a graph that is not its network's."""
    wide = Recogniser(9, network.config)
    save_checkpoint(tmp_path / "m", network=wide, charset=Charset("abcdefgh"), metrics={}, lineage=Lineage())
    manifest = (tmp_path / "m" / "manifest.json").read_text()
    (tmp_path / "m" / "manifest.json").write_text(manifest.replace('"abcdefgh"', '"abcdefg"'))
    with pytest.raises(CheckpointError, match="cannot be run"):
        Reader.load(tmp_path / "m")


def test_temperature_lowers_confidence(
    tmp_path: Path, reader: Reader, network: Recogniser, noise: NDArray[np.uint8]
) -> None:
    save_checkpoint(
        tmp_path / "m", network=network, charset=Charset("ab7"), metrics={}, lineage=Lineage(), temperature=4
    )
    softer = Reader.load(tmp_path / "m", again_below=0).recognise(noise)
    plain = reader.recognise(noise)
    assert all(s.confidence < p.confidence for s, p in zip(softer, plain, strict=True))
    assert all(
        max(s.character_confidences, default=0) < max(p.character_confidences)
        for s, p in zip(softer, plain, strict=True)
    )


def test_readings_and_constraints_cross_processes(reader: Reader, noise: NDArray[np.uint8]) -> None:
    for value in (*reader.recognise(noise), Constraint(frozenset("ab"), 1, 3)):
        assert pickle.loads(pickle.dumps(value)) == value


def test_reading_needs_no_torch(model_folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ocr_model.reader import Reader; "
        "import ocr_model.weights; Reader.load(Path(sys.argv[1])); "
        "sys.exit(', '.join(m for m in ('torch', 'ray', 'fastapi') if m in sys.modules) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(model_folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_missing_base_weights_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model_folder: Path
) -> None:
    monkeypatch.setattr(weights, "_BASE", tmp_path / "base")
    with pytest.raises(CheckpointError, match="make pretrain"):
        weights.base_folder()
    shutil.copytree(model_folder, tmp_path / "base")
    assert weights.base_folder() == tmp_path / "base"
