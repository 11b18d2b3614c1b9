"""What the clock does: prepare the storage, sweep what is left over, forget old histories, find lost events."""

import asyncio
import logging
import os
from datetime import UTC, datetime, timedelta

import azure.durable_functions as df
import azure.functions as func

from activities import tools, upkeep
from activities.starting import is_running, start_job
from adapters.sas import open_signer
from adapters.uploads import open_uploads
from config.logging import log_event
from config.misspelt import misspelt
from config.settings import settings
from core import naming

bp = df.Blueprint()


@bp.timer_trigger(arg_name="timer", schedule="0 0 3 * * *", run_on_startup=True)
def prepare_storage(timer: func.TimerRequest) -> None:
    """Create what is missing, at start and once a day: on a fresh machine there is nothing yet."""
    blobs, queues = tools.blobs(), tools.queues()
    public = settings().processed_access == "public"
    made = [name for name in (naming.UPLOADS, naming.TEMP, naming.RECEIPTS) if blobs.make_container(name)]
    made += [naming.PROCESSED] if blobs.make_container(naming.PROCESSED, public=public) else []
    made += [name for name in (naming.JOB_QUEUE, naming.POISON_QUEUE) if queues.make_queue(name)]
    if open_signer(settings()).on_loopback and open_uploads(settings()).let_in(page_origins()):
        made += ["cors"]
    if made:
        log_event("storage_prepared", made=made)
    for name, setting in misspelt(os.environ).items():
        log_event("setting_unknown", level=logging.WARNING, name=name, meant=setting)


def page_origins() -> list[str]:
    """Where the page may be on one machine, by either name, and the other sites that were listed."""
    host = settings().host_name or "127.0.0.1:7071"
    port = host.rpartition(":")[2]
    return [f"http://127.0.0.1:{port}", f"http://localhost:{port}", *settings().allowed_origins]


@bp.timer_trigger(arg_name="timer", schedule="0 10 * * * *", run_on_startup=True)
@bp.durable_client_input(client_name="client")
async def sweep_temp(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:
    """Remove what jobs have left in `temp`: those that are done, at once, and those that are long over."""
    keep = timedelta(hours=settings().temp_keep_hours)
    stale = await asyncio.to_thread(upkeep.stale_temp, datetime.now(UTC), keep)
    removed = freed_bytes = 0
    for job, size_bytes in stale.items():
        if naming.is_instance_id(job) and await is_running(client, job):
            continue
        removed += await asyncio.to_thread(tools.blobs().delete, naming.TEMP, naming.temp_prefix(job))
        freed_bytes += size_bytes
    log_event("temp_swept", jobs=len(stale), blobs=removed, bytes=freed_bytes)


@bp.timer_trigger(arg_name="timer", schedule="0 30 3 * * *")
@bp.durable_client_input(client_name="client")
async def purge_history(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:
    """Forget the durable history of what ended long ago. Receipts stay."""
    until = datetime.now(UTC) - timedelta(days=settings().history_keep_days)
    ended = [df.OrchestrationRuntimeStatus(name) for name in ("Completed", "Failed", "Terminated")]
    older_than = until.isoformat(timespec="seconds")
    try:
        purged = await client.purge_instance_history_by(datetime(2020, 1, 1, tzinfo=UTC), until, ended)
    except TimeoutError:  # after four minutes the SDK hangs up; the host goes on, and the next night takes the rest
        log_event("history_purge_goes_on", level=logging.WARNING, older_than=older_than)
    else:
        log_event("history_purged", instances=purged.instances_deleted, older_than=older_than)


@bp.timer_trigger(arg_name="timer", schedule="0 */15 * * * *")
@bp.durable_client_input(client_name="client")
async def announce_lost(timer: func.TimerRequest, client: df.DurableOrchestrationClient) -> None:
    """Start the jobs of uploads whose event was lost: no receipt, and nothing running."""
    older_than = timedelta(minutes=settings().lost_after_minutes)
    lost = await asyncio.to_thread(lambda: list(upkeep.without_receipt(datetime.now(UTC), older_than)))
    jobs = [await start_job(client, blob.name) for blob in lost]
    log_event("lost_announced", looked_at=len(lost), started=sum(1 for job in jobs if job and job.started))
