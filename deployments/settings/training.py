"""How a model is made better: what a retrain job may use, and when its result is good enough."""

from pydantic import Field

from deployments.settings.base import SettingsModel


class TrainingSettings(SettingsModel):
    """Retrain jobs: one at a time, each a Ray Job whose driver runs Ray Train."""

    enabled: bool = Field(
        default=True, description="Whether retrains are trained; if not, they are taken in and wait in the queue."
    )
    workers: int = Field(default=1, ge=1, le=1024, description="Ray Train workers of one job.")
    cpus_per_worker: float = Field(
        default=0.5,
        gt=0,
        le=256,
        description="CPUs that each worker reserves. A worker runs at the lowest priority, so that half a core "
        "reserved may use all that serving leaves idle.",
    )
    gpus_per_worker: float = Field(default=0.0, ge=0, le=16, description="GPUs that each worker reserves.")
    train_s: float = Field(
        default=300.0,
        ge=1,
        le=86_400,
        description="Seconds of training proper, at most; start-up and evaluation come on top.",
    )
    deadline_s: float = Field(
        default=1800.0,
        ge=30,
        le=604_800,
        description="Seconds after which a job that has not ended is stopped, waiting for free CPUs included.",
    )
    attempts: int = Field(
        default=3, ge=1, le=20, description="How often a job is started in all, when its processes are lost."
    )
    min_examples: int = Field(
        default=20, ge=10, le=10_000, description="Fewest different images that a model is trained on."
    )
    golden_images: int = Field(
        default=1500, ge=50, le=20_000, description="Drawn images on which a new model must not get worse."
    )
    golden_margin_points: float = Field(
        default=1.0,
        ge=0,
        le=100,
        description="Percentage points of probability that the true texts may lose there, in the mean.",
    )
    significance: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="Largest p-value of the one-sided paired randomisation test that the new model is better at the "
        "held-out images.",
    )
    poll_s: float = Field(
        default=1.0, ge=0.05, le=60, description="Seconds between two looks at the queue and at a running job."
    )
