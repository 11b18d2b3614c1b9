"""The workspace when something else has been at its folders, and when a job is not what it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from adapters.blobs import Blobs
from adapters.workspace import Workspace
from core.job import job_for


def test_folders_that_a_cleaner_has_taken_are_made_again(
    service: BlobServiceClient, blobs: Blobs, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "work", 1024**2)
    answer = service.get_blob_client("uploads", "cleaned.jpg").upload_blob(b"data", overwrite=True)
    job = job_for("cleaned.jpg", answer["etag"], 4)
    shutil.rmtree(tmp_path / "work")
    with workspace.source(job, blobs) as path:
        assert path.read_bytes() == b"data"
    shutil.rmtree(tmp_path / "work")
    with workspace.folder(job) as folder:
        assert folder.is_dir()
    shutil.rmtree(tmp_path / "work")
    assert workspace.free_bytes() > 0


def test_an_id_that_is_a_path_leads_nowhere(blobs: Blobs, tmp_path: Path) -> None:
    workspace, job = Workspace(tmp_path / "work", 1024**2), job_for("a", "1", 1)
    (tmp_path / "precious").write_text("mine")
    object.__setattr__(job, "instance_id", "../../precious")  # past the check that a job makes itself
    for use in (workspace.source(job, blobs), workspace.folder(job)):
        with pytest.raises(ValueError, match="without the id"), use:
            pass
    with pytest.raises(ValueError, match="without the id"):
        workspace.forget(job)
    assert (tmp_path / "precious").read_text() == "mine"
