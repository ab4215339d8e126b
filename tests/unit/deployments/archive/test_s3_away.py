"""An object store that stops and comes back."""

from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from deployments.archive import Archive
from deployments.errors import StorageError
from deployments.settings.storage import StorageSettings
from tests.unit.deployments.archive.entries import entry
from tests.unit.deployments.blobs.s3_server import S3Server

pytestmark = pytest.mark.slow


async def test_a_store_that_stops_is_told_and_used_again_when_it_is_back(tmp_path: Path) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    archive = Archive.open(StorageSettings(data_dir=tmp_path, blobs_uri=S3Server(port).fresh_uri()))
    try:
        [before] = await archive.store([entry(b"before")])
        server.stop()
        with pytest.raises(StorageError):
            await archive.store([entry(b"lost")])
        assert [row.id for row in (await archive.page(limit=9)).rows] == [before]

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
        server.start()
        [after] = await archive.store([entry(b"after")])
        for new, data in ((before, b"before"), (after, b"after")):
            stored = await archive.image(new)
            assert stored is not None
            assert stored.data == data
    finally:
        await archive.close()
        server.stop()
