"""Spans to an OpenTelemetry collector: what `tracing_config.exporter_import_path` of cluster.yaml may name.

Serve's own hooks make the spans, of every request's way through ingress and recognizer; without `tracing_config`
they make none. The collector's address and all else is read from OpenTelemetry's own environment variables
(``OTEL_EXPORTER_OTLP_ENDPOINT`` and its kin).
"""

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def otlp(component: str) -> list[SpanProcessor]:
    """Send spans by OTLP over HTTP, in batches; needs ``glyphserve[tracing]``.

    Args:
        component: Serve's name for the process; its spans bear the same as attributes.
    """
    del component
    return [BatchSpanProcessor(OTLPSpanExporter())]
