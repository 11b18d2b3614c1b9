"""The function app: registers the blueprints, nothing else. What Azure runs, and what devhost runs."""

import os

os.environ.setdefault("AZURE_FUNCTIONS_DURABLE_STRICT_TYPING", "1")

import azure.durable_functions as df

from activities import (
    batch,
    begin,
    cleanup,
    compress_image,
    compress_video,
    deliver_again,
    download,
    hand_over,
    notify,
    poison,
    probe,
    record,
    show_end,
    tools,
    update_simpi,
    upload,
)
from orchestrators import compress_batch, compress_media, deliver
from triggers import (
    blob_upload,
    deliveries,
    housekeeping,
    http_batch,
    http_control,
    http_download,
    http_health,
    http_jobs,
    http_media,
    http_metrics,
    http_negotiate,
    http_page,
    http_poison,
    http_redeliver,
    http_savings,
    http_session,
    http_status,
    http_upload,
    http_upload_cancel,
    media_queue,
)

tools.rules()  # a bad value stops the start, as a bad setting does

app = df.DFApp()

for part in (
    blob_upload,
    media_queue,
    http_media,
    http_status,
    http_control,
    http_redeliver,
    http_poison,
    http_jobs,
    http_savings,
    http_metrics,
    http_negotiate,
    deliveries,
    http_batch,
    http_upload,
    http_upload_cancel,
    http_download,
    http_session,
    http_page,
    http_health,
    housekeeping,
    compress_media,
    compress_batch,
    batch,
    deliver,
    begin,
    download,
    probe,
    compress_image,
    compress_video,
    upload,
    update_simpi,
    notify,
    hand_over,
    deliver_again,
    poison,
    record,
    cleanup,
    show_end,
):
    app.register_functions(part.bp)
