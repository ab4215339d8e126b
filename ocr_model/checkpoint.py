"""Saving a network as a model folder, and loading it back into torch. No pickle anywhere."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load, save

from ocr_model.charset import Charset
from ocr_model.errors import CheckpointError
from ocr_model.export import export_onnx
from ocr_model.folder import appearing_whole, fingerprint, load_manifest, read_verified, verify
from ocr_model.manifest import GRAPH_FILE, MANIFEST_FILE, WEIGHTS_FILE, Lineage, Manifest, version_name
from ocr_model.network import Recogniser
from ocr_model.quantise import quantise
from ocr_model.routed_graph import compose
from ocr_model.routed_network import RoutedRecogniser

__all__ = ["fingerprint", "load_any_network", "load_manifest", "load_network", "save_checkpoint", "verify"]


def save_checkpoint(
    folder: Path,
    *,
    network: Recogniser | RoutedRecogniser,
    charset: Charset,
    metrics: Mapping[str, float],
    lineage: Lineage,
    version: str | None = None,
    prefix: str = "base",
    temperature: float = 1.0,
    calibration: NDArray[np.uint8] | None = None,
    general: Path | None = None,
    expert_temperature: float = 1.0,
) -> Manifest:
    """Write weights, ONNX graph and manifest; the folder appears whole or not at all.

    Args:
        folder: must not exist; versions are immutable.
        network: what to save, in any mode and on any device; left as it is.
        charset: one character less than the network has classes.
        metrics: scores by name, finite.
        lineage: where the network comes from.
        version: its name; by default made of ``prefix``, the date and the weights' hash.
        prefix: start of the default version.
        temperature: what logits are divided by before probabilities are told.
        calibration: images (N, 48, 160, 3) like those to be read, some hundreds: the graph
            computes in 8-bit integers, ranged on them. None: the graph stays float.
        general: a model folder whose graph holds the general network of a routed ``network``: it is taken over
            byte for byte, so that what it reads stays as it was.
        expert_temperature: likewise, for what the expert of a routed ``network`` reads.

    Returns:
        The manifest written.

    Raises:
        CheckpointError: the folder exists or cannot be written, or the parts do not fit.
    """
    if network.classes != charset.size:
        raise CheckpointError(
            f"The network has {network.classes} classes; the charset with its blank has {charset.size}."
        )
    created = datetime.now(UTC).replace(microsecond=0)
    general_classes = network.general.classes if isinstance(network, RoutedRecogniser) else None
    with appearing_whole(folder) as temporary:
        state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
        # Not safetensors' own save_file: it makes the file readable by its owner alone.
        (temporary / WEIGHTS_FILE).write_bytes(save(state))
        _write_graph(temporary / GRAPH_FILE, network, calibration, general)
        weights, graph = fingerprint(temporary / WEIGHTS_FILE), fingerprint(temporary / GRAPH_FILE)
        try:
            manifest = Manifest(
                version=version or version_name(prefix, created, weights.sha256),
                created=created,
                charset=charset.characters,
                network=network.config,
                general_classes=general_classes,
                expert_temperature=None if general_classes is None else expert_temperature,
                temperature=temperature,
                precision="float32" if calibration is None else "int8",
                calibration_images=0 if calibration is None else len(calibration),
                metrics=dict(metrics),
                lineage=lineage,
                files={WEIGHTS_FILE: weights, GRAPH_FILE: graph},
            )
        except ValidationError as e:
            where = ".".join(map(str, e.errors()[0]["loc"]))
            raise CheckpointError(f"The manifest's {where} is not valid: {e.errors()[0]['msg']}.") from e
        (temporary / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return manifest


def _write_graph(
    graph: Path, network: Recogniser | RoutedRecogniser, calibration: NDArray[np.uint8] | None, general: Path | None
) -> None:
    learnt = network.expert if isinstance(network, RoutedRecogniser) else network
    export_onnx(learnt, graph)
    if calibration is not None:
        quantise(graph, calibration)
    if isinstance(network, RoutedRecogniser):
        if general is None:
            raise CheckpointError("A routed network needs the folder that its general network's graph is in.")
        before = read_verified(general, load_manifest(general), GRAPH_FILE)
        looking = graph.with_name("router.onnx")
        export_onnx(network.router, looking)
        compose(before, graph, looking, graph, classes=(network.general.classes, network.classes))
        looking.unlink()


def load_network(folder: Path) -> tuple[Recogniser, Manifest]:
    """Load the weights of a model folder of one network, in evaluation mode on the CPU.

    Raises:
        CheckpointError: the folder is missing, altered, of two networks, or its parts do not fit.
    """
    network, manifest = load_any_network(folder)
    if isinstance(network, RoutedRecogniser):
        raise CheckpointError(f"{manifest.version} is of two networks; wanted is a model that was never retrained.")
    return network, manifest


def load_any_network(folder: Path) -> tuple[Recogniser | RoutedRecogniser, Manifest]:
    """Load the weights of any model folder, in evaluation mode on the CPU.

    Raises:
        CheckpointError: the folder is missing, altered, or its parts do not fit.
    """
    manifest = load_manifest(folder)
    data = read_verified(folder, manifest, WEIGHTS_FILE)
    network = _empty(manifest)
    try:
        network.load_state_dict(load(data))
    except (SafetensorError, RuntimeError) as e:
        raise CheckpointError(f"The weights of {manifest.version} do not fit its manifest.") from e
    return network.eval(), manifest


def _empty(manifest: Manifest) -> Recogniser | RoutedRecogniser:
    classes = manifest.charset_object.size
    if manifest.general_classes is None:
        return Recogniser(classes, manifest.network)
    return RoutedRecogniser.empty(manifest.network, general_classes=manifest.general_classes, classes=classes)
