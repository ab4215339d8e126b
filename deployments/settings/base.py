"""What every settings model has in common."""

from pydantic import BaseModel, ConfigDict


class SettingsModel(BaseModel):
    """A group of settings: unknown keys are errors, values never change after start."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
