"""`GET /`: the web page, as the build left it in media-uploader/out."""

import azure.durable_functions as df
import azure.functions as func

from config.settings import settings
from triggers.page_files import PageFile, page_file
from triggers.page_headers import ALWAYS, content_security_policy
from triggers.principal import asker

bp = df.Blueprint()

NOT_BUILT = (
    '<!doctype html><html lang="en"><meta http-equiv="refresh" content="3"><title>SIMPI Media Compression</title>'
    "<h1>The web page is not built yet</h1><p>It appears here by itself as soon as it is: "
    "<code>.venv/bin/python media-uploader/build.py</code> builds it. Everything else works.</p></html>"
)


# The host takes no empty route; an optional part of no length is its way to say "the root".
@bp.route(route="{root:maxlength(0)?}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def get_page(req: func.HttpRequest) -> func.HttpResponse:
    """The page where files are uploaded."""
    if req.route_params.get("root"):
        return func.HttpResponse(status_code=404)
    return _html(req, "index.html", "/")


@bp.route(route="operations", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def get_page_operations(req: func.HttpRequest) -> func.HttpResponse:
    """The page for those who run it: savings, queues, failures."""
    return _html(req, "operations.html", "/operations")


@bp.route(route="_next/{*path}", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def get_page_asset(req: func.HttpRequest) -> func.HttpResponse:
    """The page's scripts, styles and pictures: their names change with their content, so they are kept forever."""
    file = page_file(f"_next/{req.route_params.get('path', '')}")
    if file is None:
        return func.HttpResponse(status_code=404, headers=dict(ALWAYS))
    return _served(req, file, {})


def _html(req: func.HttpRequest, name: str, path: str) -> func.HttpResponse:
    who = asker(req)
    if who is None:
        headers = {"location": f"/.auth/login/aad?post_login_redirect_uri={path}", "cache-control": "no-store"}
        return func.HttpResponse(status_code=302, headers=headers)
    file = page_file(name)
    if file is None:
        return func.HttpResponse(NOT_BUILT, status_code=503, mimetype="text/html", headers=dict(ALWAYS))
    policy = {"content-security-policy": content_security_policy(settings())}
    return who.remembered(req, _served(req, file, policy))


def _served(req: func.HttpRequest, file: PageFile, more: dict[str, str]) -> func.HttpResponse:
    headers = {**ALWAYS, **more, "cache-control": file.cache_control, "etag": file.etag, "vary": "accept-encoding"}
    if file.etag in req.headers.get("if-none-match", ""):
        return func.HttpResponse(status_code=304, headers=headers)
    body = file.body
    if file.packed is not None and "gzip" in req.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = file.packed, "gzip"
    return func.HttpResponse(body, status_code=200, headers={**headers, "content-type": file.content_type})
