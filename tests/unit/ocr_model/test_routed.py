"""A general network and an expert: each image read by one of them, in torch and in the one graph alike."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.checkpoint import load_any_network, load_network, save_checkpoint
from ocr_model.constraint import Constraint
from ocr_model.ctc import decode
from ocr_model.errors import CheckpointError
from ocr_model.folder import load_manifest
from ocr_model.manifest import GRAPH_FILE, Lineage, Manifest
from ocr_model.network import NetworkConfig, Recogniser
from ocr_model.reader import Reader
from ocr_model.routed_network import ABSENT, RoutedRecogniser
from ocr_model.router import Router
from ocr_model.session import GraphSession

SIZES = NetworkConfig(stem_channels=16, stage_channels=(16, 16, 16), hidden=16)
KNOWN = Charset("ABC")
WIDE = KNOWN.extended(["Γ"])
_DARK, _LIGHT = 40, 220


def network(charset: Charset, seed: int) -> Recogniser:
    torch.manual_seed(seed)
    made = Recogniser(charset.size, SIZES)
    torch.nn.init.normal_(made.classify.weight, std=3)
    return made.eval()


def by_brightness(general: Recogniser) -> Router:
    """A router that sends dark images to the expert."""
    router = Router.seeing_as(general.stem)
    with torch.no_grad():
        dark, light = (router.features(torch.from_numpy(plain(value))) for value in (_DARK, _LIGHT))
        direction = (dark - light)[0]
        router.weigh.weight.copy_(direction[None])
        router.weigh.bias.copy_(-(direction * (dark + light)[0] / 2).sum())
    return router


def plain(value: int) -> NDArray[np.uint8]:
    return np.full((1, 48, 160, 3), value, dtype=np.uint8)


def noisy(values: list[int]) -> NDArray[np.uint8]:
    rng = np.random.default_rng(5)
    return np.concatenate([plain(value) + rng.integers(-20, 20, (1, 48, 160, 3)) for value in values]).astype(np.uint8)


def save(folder: Path, made: Recogniser | RoutedRecogniser, charset: Charset, **options: object) -> Manifest:
    return save_checkpoint(folder, network=made, charset=charset, metrics={}, lineage=Lineage(), **options)  # type: ignore[arg-type]


@pytest.fixture
def general(tmp_path: Path) -> Recogniser:
    made = network(KNOWN, 1)
    save(tmp_path / "general", made, KNOWN)
    return made


@pytest.fixture
def routed(general: Recogniser, tmp_path: Path) -> RoutedRecogniser:
    made = RoutedRecogniser(general, network(WIDE, 2), by_brightness(general)).eval()
    save(tmp_path / "routed", made, WIDE, general=tmp_path / "general")
    return made


def columns(reader: Reader, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What is compared before it is decoded."""
    return reader._session.run(images).columns


@pytest.mark.parametrize("values", [[_DARK], [_LIGHT], [_DARK, _LIGHT, _LIGHT, _DARK, _LIGHT], [_LIGHT] * 3])
def test_each_image_is_read_by_its_own_network_and_answers_keep_their_order(
    routed: RoutedRecogniser, tmp_path: Path, values: list[int]
) -> None:
    images = noisy(values)
    read = columns(Reader.load(tmp_path / "routed"), images)
    alone = columns(Reader.load(tmp_path / "general"), images)
    with torch.inference_mode():
        learnt = routed.expert(torch.from_numpy(images)).numpy()
        whole = routed(torch.from_numpy(images)).numpy()
    for row, value in enumerate(values):
        if value == _LIGHT:
            assert np.array_equal(read[row, :, : KNOWN.size], alone[row]), "not as before"
            assert (read[row, :, KNOWN.size :] == np.float32(ABSENT)).all()
        else:
            np.testing.assert_allclose(read[row], learnt[row], atol=1e-4)
    np.testing.assert_allclose(read, whole, atol=1e-3)


def test_who_allows_a_character_that_only_the_expert_knows_is_answered_by_it(
    routed: RoutedRecogniser, tmp_path: Path
) -> None:
    reader = Reader.load(tmp_path / "routed")
    images = noisy([_LIGHT, _LIGHT, _DARK])
    new, old = Constraint(frozenset("ΓA")), Constraint(frozenset("AB"))
    read = reader.recognise(images, [new, old, old])
    with torch.inference_mode():
        learnt = routed.expert(torch.from_numpy(images)).numpy()
    assert read[0].confidence == pytest.approx(decode(learnt[0], WIDE, new).confidence, rel=1e-3)
    assert [read[0].text, read[2].text] == [decode(learnt[0], WIDE, new).text, decode(learnt[2], WIDE, old).text]
    assert read[1] == Reader.load(tmp_path / "general").recognise(images[1:2], [old])[0]


def test_a_graph_of_the_first_ones_with_experts_cannot_be_asked_and_reads_as_its_router_says(
    routed: RoutedRecogniser, tmp_path: Path
) -> None:
    model = onnx.load(tmp_path / "routed" / GRAPH_FILE)
    del model.graph.input[1]
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    manifest = load_manifest(tmp_path / "routed")
    reader = Reader(GraphSession(session, manifest), manifest)
    images, wide = noisy([_LIGHT]), Constraint(frozenset("ABCΓ"))
    assert reader.recognise(images, [wide])[0].text == Reader.load(tmp_path / "general").recognise(images)[0].text


def test_each_network_has_its_own_temperature(routed: RoutedRecogniser, tmp_path: Path) -> None:
    save(tmp_path / "sure", routed, WIDE, general=tmp_path / "general", temperature=1.5, expert_temperature=0.5)
    reader = Reader.load(tmp_path / "sure")
    assert reader._session.run(noisy([_LIGHT, _DARK])).temperatures == [1.5, 0.5]


def test_a_manifest_that_hides_the_expert_is_refused(routed: RoutedRecogniser, tmp_path: Path) -> None:
    manifest = json.loads((tmp_path / "routed" / "manifest.json").read_text())
    manifest |= {"general_classes": None, "expert_temperature": None}
    (tmp_path / "routed" / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CheckpointError, match="cannot be run"):
        Reader.load(tmp_path / "routed")


def test_the_weights_of_both_come_back(routed: RoutedRecogniser, tmp_path: Path) -> None:
    loaded, manifest = load_any_network(tmp_path / "routed")
    assert (manifest.general_classes, manifest.charset) == (KNOWN.size, "ABCΓ")
    assert isinstance(loaded, RoutedRecogniser)
    torch.testing.assert_close(loaded.state_dict(), routed.state_dict())
    with pytest.raises(CheckpointError, match="of two networks"):
        load_network(tmp_path / "routed")


def test_a_second_expert_takes_the_first_one_s_place_and_the_general_network_stays(
    routed: RoutedRecogniser, tmp_path: Path
) -> None:
    second = RoutedRecogniser(routed.general, network(WIDE, 3), routed.router).eval()
    save(tmp_path / "second", second, WIDE, general=tmp_path / "routed")
    images = noisy([_LIGHT, _DARK])
    before, after = (columns(Reader.load(tmp_path / name), images) for name in ("routed", "second"))
    assert np.array_equal(before[0], after[0])
    assert not np.allclose(before[1], after[1], atol=0.1)


def test_the_expert_s_convolutions_become_integers_and_the_general_ones_stay(
    routed: RoutedRecogniser, tmp_path: Path
) -> None:
    manifest = save(
        tmp_path / "int8", routed, WIDE, general=tmp_path / "general", calibration=noisy([_DARK, _LIGHT] * 8)
    )
    assert manifest.precision == "int8"
    images = noisy([_LIGHT, _DARK])
    exact, rounded = (columns(Reader.load(tmp_path / name), images) for name in ("routed", "int8"))
    assert np.array_equal(exact[0], rounded[0])
    assert 0 < np.abs(exact[1] - rounded[1]).max() < 2


def test_an_altered_general_graph_is_not_taken_over(routed: RoutedRecogniser, tmp_path: Path) -> None:
    with (tmp_path / "general" / GRAPH_FILE).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(CheckpointError, match="altered"):
        save(tmp_path / "again", routed, WIDE, general=tmp_path / "general")


def test_a_router_without_a_general_graph_is_refused(routed: RoutedRecogniser, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="needs the folder"):
        save(tmp_path / "again", routed, WIDE)


def test_an_expert_that_knows_less_is_refused() -> None:
    wide = network(WIDE, 1)
    with pytest.raises(ValueError, match="knows all its classes"):
        RoutedRecogniser(wide, network(KNOWN, 1), Router.seeing_as(wide.stem))


def test_a_router_sees_as_the_network_s_first_layer_does() -> None:
    made = network(KNOWN, 4)
    images = torch.from_numpy(noisy([_DARK, _LIGHT]))
    with torch.inference_mode():
        seen = made.stem(images.permute(0, 3, 1, 2).float() / 127.5 - 1)
        features = Router.seeing_as(made.stem).features(images)
    torch.testing.assert_close(features[:, -16:], seen.mean((2, 3)), atol=1e-4, rtol=1e-3)
    torch.testing.assert_close(features[:, 0], seen[:, 0].square().mean((1, 2)).sqrt(), atol=1e-4, rtol=1e-3)
