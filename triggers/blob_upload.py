"""An upload has arrived: the blob trigger. Only a client of the blob comes in, never its bytes."""

import azure.durable_functions as df
from azure.functions import BlobSource
from azurefunctions.extensions.bindings.blob import BlobClient

from activities.starting import start_job
from config.settings import STORAGE, settings
from core import naming

bp = df.Blueprint()


@bp.blob_trigger(
    arg_name="blob",
    path=f"{naming.UPLOADS}/{{name}}",
    connection=STORAGE,
    source=BlobSource.EVENT_GRID
    if settings().blob_trigger_source == "EventGrid"
    else BlobSource.LOGS_AND_CONTAINER_SCAN,
)
@bp.durable_client_input(client_name="client")
async def blob_upload(blob: BlobClient, client: df.DurableOrchestrationClient) -> None:
    """Start the job of what was uploaded. An upload that is gone by now needs none."""
    await start_job(client, blob.blob_name)
