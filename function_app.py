"""The function app: registers the blueprints, nothing else. What Azure runs, and what devhost runs."""

import os

os.environ.setdefault("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")

import azure.durable_functions as df

from activities import (
    cleanup,
    compress_image,
    compress_video,
    download,
    notify,
    poison,
    probe,
    record,
    update_simpi,
    upload,
)
from orchestrators import compress_media
from triggers import (
    blob_upload,
    housekeeping,
    http_download,
    http_health,
    http_media,
    http_page,
    http_session,
    http_status,
    http_upload,
    media_queue,
)

app = df.DFApp()

for part in (
    blob_upload,
    media_queue,
    http_media,
    http_status,
    http_upload,
    http_download,
    http_session,
    http_page,
    http_health,
    housekeeping,
    compress_media,
    download,
    probe,
    compress_image,
    compress_video,
    upload,
    update_simpi,
    notify,
    poison,
    record,
    cleanup,
):
    app.register_functions(part.bp)
