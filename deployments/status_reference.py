"""docs/messages.md, made from the statuses: `python -m deployments.status_reference`."""

import sys

from deployments.status import Status, http_code

_INTRODUCTION = """# Messages

Every failure, and every answer of the three `/captcha_*` routes, has a `message`: empty if all went well, else one of
these. Programs may compare them; the wording never changes. `error` beside it says what was wrong this time, in words
that may change.
429 and 503 come with `Retry-After` (seconds). In logs a failure is found by the answer's `X-Request-Id`.

*Made by `python -m deployments.status_reference`; a test keeps it true.*

| message | code | what happened | what to do |
|---|---|---|---|"""

REMEDIES: dict[Status, tuple[str, str]] = {
    Status.INVALID_REQUEST: (
        "a field is missing, unknown or of the wrong kind",
        "see `error`, which names it, and `/docs`",
    ),
    Status.TIME_TOO_LOW: ("`time` is 0 or less", "ask for at least one image"),
    Status.TIME_TOO_HIGH: ("`time` is over the limit", "ask several times, or raise `limits.images_per_request`"),
    Status.EMPTY_SESSION: ("`session_id` is empty", "send the cookie's value"),
    Status.EMPTY_URL: ("`image_url` is empty", "send a URL"),
    Status.URL_NOT_ALLOWED: (
        "the URL, or where it redirects, may not be downloaded from",
        "the operator adds the host to `fetch.allowed_hosts`",
    ),
    Status.LINK_UNREACHABLE: (
        "no image came from the URL in time",
        "try the URL yourself; `error` says what it answered",
    ),
    Status.NOT_AN_IMAGE: ("the file is no image of a known format, or broken", "send PNG, JPEG, GIF, BMP or WebP"),
    Status.IMAGE_TOO_LARGE: ("too many bytes, pixels or frames", "scale it down; limits are under `limits.image`"),
    Status.EMPTY_IMAGE: ("the image is empty", "send its bytes"),
    Status.EMPTY_IMAGES: ("a retrain request without images", "send some"),
    Status.EMPTY_LABELS: ("a retrain request without labels, or with an empty one", "send one for each image"),
    Status.COUNTS_DIFFER: ("not as many labels as images", "send one for each image, in the same order"),
    Status.BAD_LABEL: ("a label is too long, not finite, or holds a control character", "`error` names it"),
    Status.TOO_MANY_EXAMPLES: ("more labelled images than one request may hold", "send several requests"),
    Status.BAD_CONSTRAINT: ("the restriction can be met by no text", "see `charset`, `min_length` and `max_length`"),
    Status.NOTHING_TO_LEARN: (
        "no correction or too few different images",
        "correct or send more; `error` says how many",
    ),
    Status.NOT_CANCELLABLE: ("the job has ended, or its model is being rolled out", "activate another version instead"),
    Status.NOT_FOUND: ("no such page, image, job or version", "look it up in the listing of its kind"),
    Status.METHOD_NOT_ALLOWED: ("the page takes another method", "see `/docs`"),
    Status.BODY_TOO_LARGE: ("the body is over the limit", "send less, or raise `limits.body_bytes`"),
    Status.UNAUTHORISED: ("no key, or a wrong one", "send `Authorization: Bearer KEY`"),
    Status.FORBIDDEN_PEER: ("a loopback service was asked from another machine", "the operator sets `GLYPHSERVE_HOST`"),
    Status.FORBIDDEN_ORIGIN: ("another site's page sent this", "the operator lists it in `doors.allowed_origins`"),
    Status.TOO_BUSY: ("more requests than can be served now", "wait as long as `Retry-After` says; add replicas"),
    Status.TOO_MANY_REQUESTS: ("more requests than this key may send", "wait as long as `Retry-After` says"),
    Status.NOT_READY: ("no replica could answer, as while starting", "ask again; `glyphserve status` tells more"),
    Status.RECOGNITION_FAILED: ("the model failed on this image", "report it with the image; the log has the cause"),
    Status.STORAGE_FAILED: (
        "records or blobs could not be written; nothing was kept",
        "ask again; the operator looks at disk and database",
    ),
    Status.TRAINING_NOT_STARTED: ("the job could not be queued", "ask again; the operator looks at the log"),
    Status.ROLLOUT_FAILED: (
        "the version's files are missing or damaged; nothing was switched",
        "activate another version",
    ),
    Status.INTERNAL: ("an error of the service itself", "report it with the request's id"),
}
"""What happened, and what to do."""


def render() -> str:
    """The whole page, in Markdown."""
    rows = sorted(REMEDIES.items(), key=lambda item: http_code(item[0]))
    return "\n".join(
        [
            _INTRODUCTION,
            *(f"| `{status}` | {http_code(status)} | {what} | {remedy} |" for status, (what, remedy) in rows),
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(render())
