"""`GET /api/session`: who one is here, and what may be uploaded. The page asks it first: it brings the cookie."""

import azure.durable_functions as df
import azure.functions as func

from config.settings import settings
from core.upload_name import EXTENSIONS
from triggers.principal import asker, sign_in
from triggers.problems import answer

bp = df.Blueprint()


@bp.route(route="api/session", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def get_session(req: func.HttpRequest) -> func.HttpResponse:
    """The user's name (or null where nobody signs in), the largest upload and the accepted extensions."""
    who = asker(req)
    if who is None:
        return sign_in()
    config = settings()
    body = {
        "user": who.name,
        "signIn": config.api_auth == "easyauth",
        "maxBytes": config.upload_max_bytes,
        "accepted": list(EXTENSIONS),
    }
    return who.remembered(req, answer(body))
