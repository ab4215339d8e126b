"""All settings of one service, from cluster.yaml's application arguments and the environment."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from deployments.settings.access import NamedKeys, is_loopback
from deployments.settings.doors import DoorSettings
from deployments.settings.fetch import FetchSettings
from deployments.settings.limits import LimitSettings
from deployments.settings.reading import ReadingSettings
from deployments.settings.rollout import RolloutSettings
from deployments.settings.storage import StorageSettings
from deployments.settings.training import TrainingSettings

ENV_PREFIX = "GLYPHSERVE_"
ENV_NESTING = "__"


class ServiceSettings(BaseSettings):
    """Every setting an operator may give; the environment overrides cluster.yaml.

    ``GLYPHSERVE_PORT`` is ``port``, ``GLYPHSERVE_FETCH__ALLOWED_HOSTS`` is
    ``fetch.allowed_hosts``; lists and maps are JSON.
    """

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter=ENV_NESTING,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        validate_default=True,
    )

    host: str = Field(default="127.0.0.1", min_length=1, description="Address the service listens on.")
    port: int = Field(default=8000, ge=1, le=65_535, description="TCP port the service listens on.")
    data_dir: Path = Field(default=Path("glyphserve-data"), description="Folder of the embedded records and blobs.")
    records_url: SecretStr | None = Field(default=None, description="Database URL; empty: SQLite in the data folder.")
    blobs_uri: SecretStr | None = Field(
        default=None, description="pyarrow filesystem URI for images and datasets; empty: the data folder."
    )
    admin_keys: NamedKeys = Field(default={}, description="Keys that may write, by name.")
    read_keys: NamedKeys = Field(default={}, description="Keys that may read, by name.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severity that is logged; DEBUG adds a line for each request and batch."
    )
    haproxy_pages: list[Annotated[str, Field(pattern="^https?://")]] = Field(
        default=[],
        description="HAProxy's pages for Prometheus, from which `/v1/status` and the console tell what HAProxy itself "
        "refused; `glyphserve up` names its own.",
    )
    doors: DoorSettings = Field(default=DoorSettings(), description="Who is let in, and how often.")
    limits: LimitSettings = Field(default=LimitSettings(), description="Bounds on requests.")
    reading: ReadingSettings = Field(default=ReadingSettings(), description="Batching of the reading path.")
    fetch: FetchSettings = Field(default=FetchSettings(), description="Downloads for /captcha_image.")
    training: TrainingSettings = Field(default=TrainingSettings(), description="Retrain jobs and their gate.")
    rollout: RolloutSettings = Field(default=RolloutSettings(), description="How a version reaches the replicas.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the application arguments; read nothing else."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @property
    def loopback_only(self) -> bool:
        """Whether the service listens on this machine's loopback address alone."""
        return is_loopback(self.host)

    @property
    def storage(self) -> StorageSettings:
        """Where records and blobs live."""
        given: dict[str, Any] = {"data_dir": self.data_dir}
        if self.records_url is not None:
            given["records_url"] = self.records_url.get_secret_value()
        if self.blobs_uri is not None:
            given["blobs_uri"] = self.blobs_uri.get_secret_value()
        return StorageSettings(**given)
