"""Datasets and requests as a retrain finds them."""

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.checkpoint import save_checkpoint
from ocr_model.manifest import Lineage, Manifest
from ocr_model.network import Recogniser
from tests.unit.train import toy
from train.finetune.dataset import EXAMPLES_FILE, Example
from train.finetune.request import REQUEST_FILE


def png(seed: int) -> bytes:
    """A small picture of noise, another one for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, size=(20, 60, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def toy_examples(count: int, seed: int = 5) -> list[Example]:
    """Examples of the toy task, with a speck each, so that no two pictures are the same."""
    examples = []
    for i in range(count):
        rng = np.random.default_rng([seed, i])
        sample = toy.draw(rng)
        image = sample.image.copy()
        image[46, 2 + i % 150] = rng.integers(0, 255, 3)
        image[45, 2 + i // 150] = 0
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        examples.append(Example(i, file.getvalue(), sample.label))
    return examples


def write_dataset(folder: Path, examples: Sequence[Example]) -> str:
    """Write a dataset folder's examples and give their hash."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.table(
        {
            "index": pa.array([example.index for example in examples], pa.int32()),
            "image": pa.array([example.image for example in examples], pa.binary()),
            "label": pa.array([example.label for example in examples], pa.string()),
            "sha256": pa.array([hashlib.sha256(example.image).hexdigest() for example in examples], pa.string()),
        }
    )
    pq.write_table(table, folder / EXAMPLES_FILE)
    return hashlib.sha256((folder / EXAMPLES_FILE).read_bytes()).hexdigest()


def fields(**changes: object) -> dict[str, object]:
    """A request, as its writer would spell it."""
    whole: dict[str, object] = {
        "format": 1,
        "retrain_id": "0123456789abcdef" * 2,
        "dataset": "dataset",
        "dataset_sha256": "0" * 64,
        "parent": {"version": "base-1", "folder": None},
        "debug": False,
        "workers": 1,
        "cpus_per_worker": 0.5,
        "gpus_per_worker": 0,
        "train_s": 5,
        "deadline_s": 100,
        "min_examples": 20,
        "golden_images": 16,
        "golden_margin_points": 1.0,
        "significance": 0.05,
    }
    return whole | changes


def write_retrain(folder: Path, examples: Sequence[Example], **changes: object) -> Path:
    """Write a dataset and the request to learn from it; gives the retrain's folder."""
    sha256 = write_dataset(folder / "dataset", examples)
    request = fields(dataset=str(folder / "dataset"), dataset_sha256=sha256) | changes
    (folder / "retrain").mkdir()
    (folder / "retrain" / REQUEST_FILE).write_text(json.dumps(request), encoding="utf-8")
    return folder / "retrain"


def untrained(folder: Path, lineage: Lineage = Lineage()) -> Manifest:  # noqa: B008 - it never changes
    """Save a tiny network of random weights as a model folder."""
    charset = Charset(BASE_CHARSET)
    torch.manual_seed(0)
    network = Recogniser(charset.size, toy.TINY)
    return save_checkpoint(folder, network=network, charset=charset, metrics={}, lineage=lineage)
