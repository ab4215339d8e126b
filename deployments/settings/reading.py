"""How images are batched on their way through the cluster."""

from pathlib import Path

from pydantic import Field

from deployments.settings.base import SettingsModel
from ocr_model.device import Device
from ocr_model.doubt import AGAIN_BELOW


class ReadingSettings(SettingsModel):
    """Batching, threads and patience of the reading path."""

    model_folder: Path | None = Field(
        default=None,
        description="Folder of the model to serve (weights, ONNX graph, manifest); empty: the shipped base model.",
    )
    device: Device = Field(
        default=Device.CPU,
        description="What recognizers read on, cpu or cuda; cuda needs onnxruntime-gpu, and num_gpus for the "
        "Recognizer in cluster.yaml.",
    )
    threads_per_replica: int = Field(
        default=1, ge=1, le=64, description="ONNX Runtime threads in each recognizer replica."
    )
    look_again_below: float = Field(
        default=AGAIN_BELOW,
        ge=0,
        le=1,
        description="Confidence below which an image is looked at twice more, turned a little and, end by end, "
        "enlarged, so that more of what the model never saw is read; each such image takes four times as long. "
        "0: never.",
    )
    niceness: int = Field(
        default=5,
        ge=0,
        le=19,
        description="How far the threads that read let others go first (nice): on cores that ingress and HAProxy share "
        "with them, these take requests in and answer at once. Training has 19.",
    )
    batch_images: int = Field(
        default=16,
        ge=1,
        le=256,
        description="Most images that a replica puts through the network at once, and that one call to it carries: "
        "requests that wait share a call, and one of more images is dealt out over several.",
    )
    batches_in_flight: int = Field(
        default=2,
        ge=1,
        le=8,
        description="Batches a replica works on at once: one is decoded while the network reads the other.",
    )
    call_bytes: int = Field(
        default=3_500_000,
        ge=65_536,
        le=1 << 30,
        description="Most image bytes in one call; Ray's message limit is 4 MiB unless raised on every node.",
    )
    calls_per_replica: int = Field(
        default=2,
        ge=1,
        le=16,
        description="Calls that an ingress replica has under way for each recognizer replica: one of whatever waits, "
        "the others only of `batch_images` or `call_bytes`, so that the next whole batch is on its way while one is "
        "read. Requests that wait meanwhile share the next.",
    )
    waiting_images: int = Field(
        default=1024,
        ge=1,
        le=100_000,
        description="Images that may wait in an ingress replica; past it requests are told 429. From twice "
        "`limits.requests_at_once` on HAProxy and its standby refuse first, which takes no ingress's time.",
    )
    timeout_s: float = Field(default=20.0, gt=0, le=600, description="Seconds after which a read is given up with 503.")
