"""What can go wrong between a client and a service.

GlyphserveError (ocr_model.errors)
└── ServiceError             the service refused, or does not answer as glyphserve does
    └── ServiceAwayError     it does not answer, or cannot now: asking again may help
"""

from ocr_model.errors import GlyphserveError


class ServiceError(GlyphserveError):
    """A service refused a request.

    Args:
        text: one sentence, the service's own where it gave one.
        status_code: of its answer; 0 if there was none.
        message: the status message, which programs may compare; empty if there was none.
        request_id: under which the service's logs have it.
    """

    def __init__(self, text: str, status_code: int = 0, message: str = "", request_id: str = "") -> None:
        super().__init__(text, status_code, message, request_id)
        self.text = text
        self.status_code = status_code
        self.message = message
        self.request_id = request_id

    def __str__(self) -> str:
        return self.text


class ServiceAwayError(ServiceError):
    """A service does not answer, or cannot now: asking again may help."""
