"""GPUs: whether what is asked of them can be had."""

from collections.abc import Iterator

from deployments.doctor.finding import Finding, advice, problem
from deployments.doctor.place import Place
from ocr_model.device import CUDA_NOT_OFFERED, Device

_CPU_BUILD = "+cpu"
"""How the version of a torch without CUDA ends."""


def gpus(place: Place) -> Iterator[Finding]:
    """What is to read or train on a GPU can, as far as the packages tell."""
    reserved = _recognizer_gpus(place)
    if place.settings.reading.device is Device.CUDA:
        if not place.machine.reads_on_cuda:
            found, _, remedy = CUDA_NOT_OFFERED.partition(": ")
            yield problem(found, remedy)
        if not reserved:
            yield problem(
                "recognizers are to read on a GPU and reserve none, so that Ray hides all GPUs from them",
                f"set num_gpus under the Recognizer's ray_actor_options in {place.config.name}; 0.5 lets two share one",
            )
    elif reserved:
        yield advice(
            f"each recognizer reserves {reserved:g} GPU and reads on the CPU",
            "set reading.device to cuda, or leave out num_gpus",
        )
    torch = next((v for r, v in place.machine.versions.items() if r.name == "torch"), None)
    if place.settings.training.gpus_per_worker and torch is not None and torch.endswith(_CPU_BUILD):
        yield problem(
            f"retrains are to train on a GPU, and torch {torch} has no CUDA",
            "install a CUDA build of torch on every node, or set training.gpus_per_worker to 0",
        )


def _recognizer_gpus(place: Place) -> float:
    deployments = [d for application in place.applications for d in application.get("deployments") or []]
    found = [(d.get("ray_actor_options") or {}).get("num_gpus") for d in deployments if d.get("name") == "Recognizer"]
    return float(found[0] or 0) if found else 0.0
