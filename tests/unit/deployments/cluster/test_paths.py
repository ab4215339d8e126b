import os
from pathlib import Path

import pytest

from deployments.cluster.paths import SOCKET_PATH_LIMIT_BYTES, ClusterPaths, folder_key
from deployments.errors import LifecycleError

NODE_ID = "f" * 56


def test_sockets_fit_however_deep_the_folders_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "a-rather-long-name" / "and-another-one" / "data"
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(deep))
    paths = ClusterPaths.of(deep)
    haproxy = f"{paths.temp_dir}/{NODE_ID}/s.4194304.tmp"
    ray = f"{paths.temp_dir}/session_2026-11-22_08-21-17_259581_4194304/sockets/plasma_store"
    assert max(len(os.fsencode(p)) for p in (haproxy, ray)) <= SOCKET_PATH_LIMIT_BYTES


def test_each_data_folder_has_a_key_and_temporary_folder_of_its_own(tmp_path: Path) -> None:
    one, two = ClusterPaths.of(tmp_path / "one"), ClusterPaths.of(tmp_path / "two")
    assert one.temp_dir != two.temp_dir
    assert folder_key(one.data_dir) in one.temp_dir.name


def test_a_relative_and_an_absolute_name_mean_one_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert ClusterPaths.of(Path("data")) == ClusterPaths.of(tmp_path / "data")


def test_prepare_keeps_others_out(tmp_path: Path) -> None:
    paths = ClusterPaths(data_dir=tmp_path / "new" / "data", temp_dir=tmp_path / "t")
    paths.prepare()
    paths.prepare()
    assert paths.data_dir.is_dir()
    assert paths.temp_dir.stat().st_mode & 0o777 == 0o700


def test_a_planted_temporary_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "t").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LifecycleError, match="belongs to somebody else"):
        ClusterPaths(data_dir=tmp_path / "data", temp_dir=tmp_path / "t").prepare()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LifecycleError, match=r"cannot create .*file/data: Not a directory"):
        ClusterPaths(data_dir=tmp_path / "file" / "data", temp_dir=tmp_path / "t").prepare()
