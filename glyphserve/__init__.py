"""What users of a glyphserve service import: ``glyphserve.client``. Needs none of the service's own parts."""
