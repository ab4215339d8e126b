from deployments.metrics.catalogue import CONFIDENCE_EXPECTED, CONFIDENCE_MEAN, MODEL_GENERATION, MODEL_INFO
from deployments.metrics.model_gauges import FEWEST, WINDOW, ModelGauges
from tests.support.recorded_meter import RecordedMeter


def test_a_version_that_is_left_shows_zero() -> None:
    meter = RecordedMeter()
    gauges = ModelGauges(meter)
    gauges.serving("a-1", 1)
    gauges.serving("a-1", 2)
    gauges.serving("b-1", 3)
    assert meter.shown(MODEL_INFO, model_version="a-1") == 0
    assert meter.shown(MODEL_INFO, model_version="b-1") == 1
    assert meter.shown(MODEL_GENERATION) == 3


def test_the_mean_is_of_the_last_images_of_the_version_served() -> None:
    meter = RecordedMeter()
    gauges = ModelGauges(meter)
    gauges.serving("a-1", 1)
    gauges.read("a-1", [0.5] * (FEWEST - 1), expected=0.8)
    assert meter.shown(CONFIDENCE_MEAN) is None
    gauges.read("a-1", [0.5], expected=0.8)
    assert (meter.shown(CONFIDENCE_MEAN), meter.shown(CONFIDENCE_EXPECTED)) == (0.5, 0.8)
    gauges.read("a-1", [1.0] * WINDOW, expected=0.8)
    assert meter.shown(CONFIDENCE_MEAN) == 1.0
    gauges.serving("b-1", 2)
    gauges.read("a-1", [0.0] * WINDOW, expected=0.8)
    gauges.read("b-1", [0.25] * FEWEST, expected=0.9)
    assert (meter.shown(CONFIDENCE_MEAN), meter.shown(CONFIDENCE_EXPECTED)) == (0.25, 0.9)


def test_a_model_that_never_was_measured_has_nothing_to_drift_from() -> None:
    meter = RecordedMeter()
    gauges = ModelGauges(meter)
    gauges.serving("a-1", 1)
    gauges.read("a-1", [0.5] * FEWEST, expected=None)
    assert meter.shown(CONFIDENCE_EXPECTED) is None
