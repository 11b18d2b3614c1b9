"""Every setting of the app: environment variables, read once into a frozen value. A bad one stops the start."""

from __future__ import annotations

import base64
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

STORAGE = "AzureWebJobsStorage"


class ConfigError(ValueError):
    """A setting that cannot be used: says the key, the value and what is allowed."""

    def __init__(self, key: str, value: str, allowed: str) -> None:
        super().__init__(f"{key}={value!r} is not allowed: {allowed}")
        self.key = key


@dataclass(frozen=True)
class Settings:
    """The app's settings. Secrets are left out of the representation, so that a log line cannot show them.

    `storage_connection` is a connection string, or None when `storage_account` is reached with a managed identity.
    `max_processing_s` is the time one encode may take before it grows with the media's duration.
    """

    storage_connection: str | None
    storage_account: str | None
    simpi_base_url: str | None
    simpi_token: str | None
    webhook_url: str | None
    webhook_secret: str | None
    max_processing_s: float
    max_retry_attempts: int
    processed_access: str
    api_auth: str
    blob_trigger_source: str
    ffmpeg_binary: str | None
    work_dir: Path
    work_dir_quota_bytes: int
    compression_rules: Path | None
    video_slots: int
    temp_keep_hours: float
    lost_after_minutes: float
    history_keep_days: float
    allow_private_webhooks: bool
    signalr_connection: str | None
    otlp_endpoint: str | None
    app_insights: str | None
    app_insights_by_identity: bool
    upload_max_bytes: int
    upload_url_s: int
    uploads_per_minute: int
    upload_quota_bytes: int
    allowed_origins: tuple[str, ...]
    host_name: str | None

    def __repr__(self) -> str:
        return f"Settings(storage_account={self.storage_account!r}, work_dir={str(self.work_dir)!r}, …)"

    @staticmethod
    def load(env: Mapping[str, str]) -> Settings:
        """Read the settings from an environment.

        Raises: ConfigError, with the key, the value and what is allowed.
        """
        read = _Reader(env)
        connection, account = _storage(read)
        development = env.get("AZURE_FUNCTIONS_ENVIRONMENT", "").lower() == "development"
        return Settings(
            storage_connection=connection,
            storage_account=account,
            simpi_base_url=read.url("SIMPI_API_BASE_URL"),
            simpi_token=read.text("SIMPI_API_TOKEN"),
            webhook_url=read.url("WEBHOOK_URL"),
            webhook_secret=read.webhook_secret("WEBHOOK_SECRET"),
            max_processing_s=read.number("MAX_PROCESSING_TIME", 300, 1, 86_400),
            max_retry_attempts=int(read.number("MAX_RETRY_ATTEMPTS", 3, 1, 20)),
            processed_access=read.choice("PROCESSED_ACCESS", "private", "public"),
            api_auth=read.choice(
                "API_AUTH", *(("anonymous", "easyauth") if development else ("easyauth", "anonymous"))
            ),
            blob_trigger_source=read.choice("BLOB_TRIGGER_SOURCE", "LogsAndContainerScan", "EventGrid"),
            ffmpeg_binary=read.file("FFMPEG_BINARY"),
            work_dir=Path(read.text("WORK_DIR") or Path(tempfile.gettempdir()) / "simpi-work"),
            work_dir_quota_bytes=int(read.number("WORK_DIR_QUOTA_BYTES", 8 * 1024**3, 64 * 1024**2, 1024**5)),
            video_slots=int(read.number("VIDEO_SLOTS", 1, 1, 64)),
            temp_keep_hours=read.number("TEMP_KEEP_HOURS", 24, 1, 24 * 365),
            lost_after_minutes=read.number("LOST_AFTER_MINUTES", 10, 0, 24 * 60),
            history_keep_days=read.number("HISTORY_KEEP_DAYS", 30, 1, 3650),
            compression_rules=Path(rules) if (rules := read.file("COMPRESSION_RULES")) else None,
            allow_private_webhooks=read.choice("WEBHOOK_ALLOW_PRIVATE", "false", "true") == "true",
            signalr_connection=read.signalr("AzureSignalRConnectionString"),
            otlp_endpoint=read.url("OTEL_EXPORTER_OTLP_ENDPOINT"),
            app_insights=read.text("APPLICATIONINSIGHTS_CONNECTION_STRING"),
            app_insights_by_identity="AAD" in (read.text("APPLICATIONINSIGHTS_AUTHENTICATION_STRING") or ""),
            upload_max_bytes=int(read.number("UPLOAD_MAX_BYTES", 100_000_000, 1, 1024**4)),
            upload_url_s=int(read.number("UPLOAD_URL_SECONDS", 900, 1, 900)),
            uploads_per_minute=int(read.number("UPLOADS_PER_MINUTE", 120, 1, 100_000)),
            upload_quota_bytes=int(read.number("UPLOAD_QUOTA_BYTES", 10_000_000_000, 1, 1024**5)),
            allowed_origins=read.origins("ALLOWED_ORIGINS"),
            host_name=read.text("WEBSITE_HOSTNAME"),
        )


@cache
def settings() -> Settings:
    """The settings of this process, read at first use and never again."""
    return Settings.load(os.environ)


def _storage(read: _Reader) -> tuple[str | None, str | None]:
    connection = read.text(STORAGE)
    account, older_name = read.text(f"{STORAGE}__accountName"), read.text("BLOB_ACCOUNT_NAME")
    if connection:
        _check_connection(connection)
        return connection, None
    account = account or older_name
    if account is None:
        raise ConfigError(
            STORAGE, "", "a connection string, or set AzureWebJobsStorage__accountName for a managed identity"
        )
    if not (3 <= len(account) <= 24 and account.isalnum() and account == account.lower()):
        raise ConfigError(f"{STORAGE}__accountName", account, "3 to 24 lower-case letters and digits")
    return None, account


def _check_connection(connection: str) -> None:
    """What can be seen without asking the account; with less the host and the SDK fail later, and say it worse."""
    words = (part.partition("=") for part in connection.split(";"))
    given = {name.strip().lower(): value.strip() for name, _, value in words if value.strip()}
    has_key = {"accountname", "accountkey"} <= set(given)
    has_endpoints = {"blobendpoint", "queueendpoint"} <= set(given)
    if has_key and not _is_base64(given["accountkey"]):
        raise ConfigError(STORAGE, "…", "a connection string whose AccountKey is base64, as the portal shows it")
    complete = has_key and (has_endpoints or "defaultendpointsprotocol" in given)
    if not (complete or (has_endpoints and "sharedaccesssignature" in given) or "usedevelopmentstorage" in given):
        whole = "DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net"
        raise ConfigError(STORAGE, "…", f"a whole connection string ({whole}), or none, and {STORAGE}__accountName")


def _is_base64(value: str) -> bool:
    try:
        return bool(base64.b64decode(value, validate=True))
    except ValueError:
        return False


class _Reader:
    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def text(self, key: str) -> str | None:
        return self._env.get(key, "").strip() or None

    def _checked(self, key: str, allowed: str, good: Callable[[str], bool]) -> str | None:
        value = self.text(key)
        if value is not None and not good(value):
            raise ConfigError(key, value, allowed)
        return value

    def url(self, key: str) -> str | None:
        value = self.text(key)
        if value is not None and not _is_safe_url(value):
            allowed = "a URL that begins with https:// (http:// only on loopback), without a name or password in it"
            raise ConfigError(key, _host_of(value), allowed)
        return value.rstrip("/") if value else None

    def webhook_secret(self, key: str) -> str | None:
        """A secret of Standard Webhooks: base64, with or without `whsec_`. The error does not repeat it."""
        value = self.text(key)
        if value is not None and not _is_base64(value.removeprefix("whsec_")):
            raise ConfigError(key, "…", "whsec_ and base64, as Standard Webhooks has it")
        return value

    def signalr(self, key: str) -> str | None:
        """A connection string of Azure SignalR Service. The error does not repeat it."""
        value = self.text(key)
        if value is not None and not re.search(r"(?i)(?=.*\bendpoint=https?://)(?=.*\baccesskey=[^;\s])", value):
            raise ConfigError(key, "…", "Endpoint=https://…;AccessKey=…;Version=1.0;")
        return value

    def origins(self, key: str) -> tuple[str, ...]:
        """A list of origins, with commas between them."""
        values = [part.strip().rstrip("/") for part in (self.text(key) or "").split(",") if part.strip()]
        for value in values:
            if not _is_safe_url(value) or urlsplit(value).path or urlsplit(value).query:
                raise ConfigError(key, _host_of(value), "origins like https://simpi.example, with commas between them")
        return tuple(values)

    def file(self, key: str) -> str | None:
        return self._checked(key, "the path of an existing file", lambda value: Path(value).is_file())

    def choice(self, key: str, *allowed: str) -> str:
        """One of the allowed words, the first being the default; upper and lower case are the same."""
        value = self.text(key) or allowed[0]
        for word in allowed:
            if word.lower() == value.lower():
                return word
        raise ConfigError(key, value, "one of " + ", ".join(allowed))

    def number(self, key: str, default: float, least: float, most: float) -> float:
        value = self.text(key)
        if value is None:
            return default
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not least <= number <= most:
            raise ConfigError(key, value, f"a number from {least:.15g} to {most:.15g}")
        return number


def _is_safe_url(value: str) -> bool:
    if not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        _ = parts.port, str(parts.hostname).encode("idna")  # a number, and labels of 1 to 63 characters
        loopback = parts.hostname in ("localhost", "127.0.0.1", "::1")
        named = bool(parts.hostname) and "@" not in parts.netloc
        return named and (parts.scheme == "https" or (parts.scheme == "http" and loopback))
    except ValueError:
        return False


def _host_of(url: str) -> str:
    """As much of a URL as a message may show: what comes before the host, and after it, may be a secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "…"
    return f"{parts.scheme}://{parts.hostname}/…" if parts.hostname else "…"
