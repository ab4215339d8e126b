"""What an answer may look like, for callers who know more than the image tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """Acts inside the decoding of the requests that it goes along with.

    Attributes:
        charset: only these characters may appear; any if not given.
        min_length: fewest characters.
        max_length: most characters.
    """

    charset: str | None = None
    min_length: int | None = None
    max_length: int | None = None

    def fields(self) -> dict[str, str | int]:
        """The fields of a request's body."""
        found = {"charset": self.charset, "min_length": self.min_length, "max_length": self.max_length}
        return {name: value for name, value in found.items() if value is not None}


ANYTHING = Restriction()
"""No restriction."""
