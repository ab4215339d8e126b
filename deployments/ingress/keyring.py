"""The keys in force: those of the settings and those of a file that may change while we run."""

import hmac
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError

from deployments.errors import ConfigError
from deployments.settings.access import NamedKeys
from deployments.settings.base import SettingsModel
from deployments.settings.resolve import describe
from deployments.settings.service import ServiceSettings

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 1.0

Stamp = tuple[int, int, int]
"""By which a file that was changed is told: inode, size in bytes, time of change in nanoseconds."""


class KeysFile(SettingsModel):
    """What a keys file holds; it must name an admin key, or a slip of the pen would open a locked service."""

    admin: NamedKeys = Field(min_length=1, description="Keys that may write, by name.")
    read: NamedKeys = Field(default={}, description="Keys that may read, by name.")


class Keyring:
    """Admin and read keys by name, read again when their file changes.

    A file that goes missing or wrong later changes nothing: the last good keys stay in force, and
    the log says so.

    Args:
        settings: the keys of the configuration, and the file's place.
        clock: monotonic seconds.

    Raises:
        ConfigError: the file is set and cannot be used.
    """

    def __init__(self, settings: ServiceSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._path = settings.doors.keys_file
        self._clock = clock
        self._looked_s = clock()
        self._stamp = _stamp(self._path) if self._path else None
        self._of_file = _read(self._path) if self._path else None

    def admin_key_name(self, given: str) -> str | None:
        """The name of the admin key ``given``; None if it is none."""
        return _name(given, self._admin)

    def read_key_name(self, given: str) -> str | None:
        """The name of the read key ``given``; None if it is none."""
        return _name(given, self._read)

    @property
    def has_admin_keys(self) -> bool:
        """Whether writing needs a key."""
        return bool(self._admin)

    @property
    def has_read_keys(self) -> bool:
        """Whether reading needs a key."""
        return bool(self._read)

    @property
    def _admin(self) -> Mapping[str, SecretStr]:
        self._look()
        return {**self._settings.admin_keys, **(self._of_file.admin if self._of_file else {})}

    @property
    def _read(self) -> Mapping[str, SecretStr]:
        self._look()
        return {**self._settings.read_keys, **(self._of_file.read if self._of_file else {})}

    def _look(self) -> None:
        if self._path is None or self._clock() - self._looked_s < _LOOK_EVERY_S:
            return
        self._looked_s = self._clock()
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        # Taken before reading: a change during the read is read once more.
        self._stamp = stamp
        try:
            self._of_file = _read(self._path)
        except ConfigError as e:
            logger.warning("the keys in force stay as they were", extra={"reason": str(e)})
        else:
            logger.info("keys read anew", extra={"admin": sorted(self._of_file.admin)})


def _name(given: str, keys: Mapping[str, SecretStr]) -> str | None:
    found = None
    # Every key is compared, in constant time, so that timing tells nothing of any of them.
    for name, key in keys.items():
        if hmac.compare_digest(given.encode(), key.get_secret_value().encode()):
            found = name
    return found


def _stamp(path: Path) -> Stamp | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns


def _read(path: Path) -> KeysFile:
    try:
        return KeysFile.model_validate_json(path.read_bytes())
    except OSError as e:
        raise ConfigError(f"doors.keys_file: cannot be read: {e.strerror}") from e
    except ValidationError as e:
        raise ConfigError(f"doors.keys_file: {describe(e)}") from None
