"""The same reader behind LitServe, which batches over requests; nothing is stored, which is in its favour.

python -m benchmarks.services.litserve_reader --port 8001
"""

import argparse
import base64
from collections.abc import Sequence
from typing import Any

import litserve

from ocr_model.errors import ImageError
from ocr_model.reader import Reader
from ocr_model.reading import Reading
from ocr_model.weights import base_folder


class ReaderAPI(litserve.LitAPI):  # type: ignore[misc]  # it has no types
    """One worker: the reader and its batches."""

    def setup(self, device: str) -> None:
        """Load the model."""
        del device
        self.reader = Reader.load(base_folder())

    def decode_request(self, request: dict[str, str]) -> bytes:
        """Take the image out of the request."""
        return base64.b64decode(request["image_base64"])

    def batch(self, inputs: list[bytes]) -> list[bytes]:
        """Leave files of different sizes as a list."""
        return inputs

    def predict(self, batch: list[bytes]) -> Sequence[Reading | ImageError]:
        """Read a batch."""
        return self.reader.read(batch)

    def unbatch(self, output: Sequence[Reading | ImageError]) -> Sequence[Reading | ImageError]:
        """Give the readings back one by one."""
        return output

    def encode_response(self, output: Reading | ImageError) -> dict[str, Any]:
        """Answer one request."""
        if isinstance(output, ImageError):
            raise output
        return {"message": "", "error": "", "content": {"list_label": [output.text]}}


def main() -> None:
    """Serve on loopback until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8001)
    arguments = parser.parse_args()
    api = ReaderAPI(max_batch_size=16, batch_timeout=0.002, api_path="/captcha_recap_image")
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=2)
    server.run(host="127.0.0.1", port=arguments.port, log_level="warning", generate_client_file=False)


if __name__ == "__main__":
    main()
