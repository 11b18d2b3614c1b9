"""`POST /api/negotiate`: how an open page gets its live messages; `POST /api/jobs/negotiate`: how the operators do."""

import azure.durable_functions as df
import azure.functions as func

from adapters.signalr import SignalR
from config.settings import settings
from core.live import OPERATORS
from triggers.principal import asker, sign_in
from triggers.problems import answer, problem

bp = df.Blueprint()


@bp.route(route="api/negotiate", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
def post_negotiate(req: func.HttpRequest) -> func.HttpResponse:
    """Access for one user, to what is theirs. Who that is comes from the sign-in or the cookie, never from the request."""
    who = asker(req)
    if who is None:
        return sign_in()
    return who.remembered(req, _access(who.owner))


@bp.route(route="api/jobs/negotiate", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
def post_negotiate_operators(req: func.HttpRequest) -> func.HttpResponse:
    """Access for the operators, to the uploads that are nobody's own. Needs the function key."""
    return _access(OPERATORS)


def _access(user: str) -> func.HttpResponse:
    connection = settings().signalr_connection
    if connection is None:
        return problem(404, "live_off", "There are no live messages here: ask for the status instead.")
    return answer(SignalR.of(connection).client_access(user))
