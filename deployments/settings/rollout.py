"""How a model version reaches the replicas, and how long that may take."""

from pydantic import Field

from deployments.settings.base import SettingsModel


class RolloutSettings(SettingsModel):
    """Patience of a rollout, and how closely replicas follow the serving pointer."""

    prepare_timeout_s: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="Seconds in which every replica must have loaded the new version; past it nothing is switched.",
    )
    converge_timeout_s: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="Seconds in which every running replica must report the new generation.",
    )
    follow_every_s: float = Field(
        default=3.0,
        ge=0.1,
        le=300,
        description="Seconds between two comparisons of a replica with the serving pointer in the records.",
    )
