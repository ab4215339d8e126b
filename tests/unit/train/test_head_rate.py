from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.network import Recogniser
from tests.unit.train import toy
from train.loop import make_optimiser
from train.settings import OptimiserSettings, PretrainSettings


def groups(settings: PretrainSettings) -> list[tuple[int, float]]:
    network = Recogniser(Charset(BASE_CHARSET).size, toy.TINY)
    optimiser = make_optimiser(network, settings)
    counted = [sum(p.numel() for p in group["params"]) for group in optimiser.param_groups]
    assert sum(counted) == sum(p.numel() for p in network.parameters())
    return [(count, group.get("rate_scale", 1.0)) for count, group in zip(counted, optimiser.param_groups, strict=True)]


def test_all_weights_learn_alike_unless_told_otherwise() -> None:
    assert [scale for _, scale in groups(toy.settings())] == [1.0, 1.0]


def test_the_output_layer_can_learn_faster_than_the_rest() -> None:
    network = Recogniser(Charset(BASE_CHARSET).size, toy.TINY)
    head = sum(p.numel() for p in network.classify.parameters())
    assert groups(toy.settings(optimiser=OptimiserSettings(head_scale=10.0)))[-1] == (head, 10.0)
