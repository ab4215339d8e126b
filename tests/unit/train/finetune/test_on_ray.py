"""What Ray Train is told of a request's means, and what is refused before it."""

import json

import pytest

from tests.unit.train.finetune.made import fields
from train.errors import TrainingError
from train.finetune.on_ray import check_cuda, scaling
from train.finetune.request import RetrainRequest, parse_request


def request(**changes: object) -> RetrainRequest:
    return parse_request(json.dumps(fields(**changes)).encode())


def test_gpus_are_reserved_by_the_request_alone() -> None:
    on_gpu = scaling(request(workers=2, gpus_per_worker=0.5))
    assert (on_gpu.num_workers, on_gpu.use_gpu) == (2, True)
    assert on_gpu.resources_per_worker == {"CPU": 0.5, "GPU": 0.5}
    on_cpu = scaling(request())
    assert (on_cpu.use_gpu, on_cpu.resources_per_worker) == (False, {"CPU": 0.5})


def test_a_torch_without_cuda_is_named_with_the_remedy() -> None:
    with pytest.raises(TrainingError, match="install a CUDA build of torch"):
        check_cuda(request(gpus_per_worker=1), cuda=None)
    check_cuda(request(gpus_per_worker=1), cuda="13.0")
    check_cuda(request(), cuda=None)
