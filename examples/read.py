"""Read image files: what each says, how surely.

python examples/read.py FILE... [--url http://127.0.0.1:8000]
"""

import argparse

from glyphserve.client import Client


def main() -> None:
    """Print a line for each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    arguments = parser.parse_args()
    with Client(arguments.url) as client:
        for file in arguments.files:
            reading = client.read(file)
            print(f"{file}: {reading.text} ({reading.confidence:.0%} sure, {reading.model_version})")


if __name__ == "__main__":
    main()
