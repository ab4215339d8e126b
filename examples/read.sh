#!/bin/sh
# Read image files with curl: sh examples/read.sh FILE... (the service: GLYPHSERVE_URL)
set -eu
for file in "$@"; do
    printf '{"image_base64": "%s"}' "$(base64 < "$file" | tr -d '\n')" |
        curl --fail-with-body --silent --show-error --data @- \
            "${GLYPHSERVE_URL:-http://127.0.0.1:8000}/captcha_recap_image"
    echo
done
