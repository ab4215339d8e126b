# docker build -t glyphserve . && docker run --init --shm-size=1g -p 8000:8000 -v glyphserve:/data glyphserve
# Reading is then open to whoever reaches the port; what changes something wants a key: docs/operate.md, "Docker".

FROM python:3.11.14-slim-bookworm AS build
# The CPU build of torch; for GPUs: --build-arg TORCH_INDEX=https://pypi.org/simple
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /src
RUN python -m venv /opt/glyphserve
ENV PATH=/opt/glyphserve/bin:$PATH
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY ocr_model ocr_model
COPY train train
COPY glyphserve glyphserve
COPY deployments deployments
RUN pip install --no-cache-dir --extra-index-url "$TORCH_INDEX" -c constraints.txt '.[postgresql,tracing]'

FROM python:3.11.14-slim-bookworm
# KubeRay's own probes ask with wget.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends wget \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home glyphserve \
 && install -d -o glyphserve -g glyphserve /data
COPY --from=build /opt/glyphserve /opt/glyphserve
COPY cluster.yaml /app/
ENV PATH=/opt/glyphserve/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GLYPHSERVE_DATA_DIR=/data
WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 8000
# Exit code 0 once a replica with a model answers; see docs/cli.md.
HEALTHCHECK --interval=30s --timeout=15s --start-period=120s CMD ["glyphserve", "status", "--json"]
ENTRYPOINT ["glyphserve"]
CMD ["up", "--host", "0.0.0.0"]
