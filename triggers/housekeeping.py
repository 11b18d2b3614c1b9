"""What the clock does: see that the storage has its containers and queues."""

import azure.durable_functions as df
import azure.functions as func

from activities import tools
from adapters.sas import open_signer
from adapters.uploads import open_uploads
from config.logging import log_event
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


def page_origins() -> list[str]:
    """Where the page may be on one machine, by either name, and the other sites that were listed."""
    host = settings().host_name or "127.0.0.1:7071"
    port = host.rpartition(":")[2]
    return [f"http://127.0.0.1:{port}", f"http://localhost:{port}", *settings().allowed_origins]
