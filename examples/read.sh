#!/bin/sh
# Read image files with curl: sh examples/read.sh http://127.0.0.1:8000 FILE...
set -eu
url=$1
shift
for file in "$@"; do
    printf '{"image_base64": "%s"}' "$(base64 < "$file" | tr -d '\n')" |
        curl --fail-with-body --silent --show-error --data @- "$url/captcha_recap_image"
    echo
done
