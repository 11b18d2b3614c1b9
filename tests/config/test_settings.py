"""Settings are read once, and a bad one says the key, the value and what is allowed."""

import pytest

from config.settings import ConfigError, Settings

LEAST = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}


def load(**more: str) -> Settings:
    return Settings.load({**LEAST, **more})


def test_storage_alone_is_enough_and_the_rest_has_safe_defaults() -> None:
    settings = load()
    assert (settings.max_retry_attempts, settings.max_processing_s) == (3, 300)
    assert settings.processed_access == "private"
    assert settings.api_auth == "easyauth"
    assert settings.simpi_base_url is settings.webhook_url is None


def test_one_machine_needs_no_sign_in() -> None:
    assert load(AZURE_FUNCTIONS_ENVIRONMENT="Development").api_auth == "anonymous"


def test_a_managed_identity_needs_only_the_account() -> None:
    settings = Settings.load({"AzureWebJobsStorage__accountName": "simpimedia"})
    assert (settings.storage_account, settings.storage_connection) == ("simpimedia", None)


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("MAX_RETRY_ATTEMPTS", "0", "1 to 20"),
        ("MAX_RETRY_ATTEMPTS", "many", "1 to 20"),
        ("MAX_PROCESSING_TIME", "nan", "1 to 86400"),
        ("WORK_DIR_QUOTA_BYTES", "1", "67108864"),
        ("PROCESSED_ACCESS", "everyone", "private, public"),
        ("API_AUTH", "none", "easyauth"),
        ("BLOB_TRIGGER_SOURCE", "Polling", "EventGrid"),
        ("SIMPI_API_BASE_URL", "http://simpi.example", "https://"),
        ("WEBHOOK_URL", "ftp://x", "https://"),
        ("WEBHOOK_URL", "https://hooks..example", "https://"),
        ("WEBHOOK_URL", "https://hooks.example:99999", "https://"),
        ("SIMPI_API_BASE_URL", "https://simpi.example/a\r\nb", "https://"),
        ("FFMPEG_BINARY", "/no/such/ffmpeg", "existing file"),
        ("WEBHOOK_ALLOW_PRIVATE", "maybe", "false, true"),
        ("AzureWebJobsStorage", "myaccount", "connection string"),
        ("AzureWebJobsStorage", "AccountName=x;AccountKey=a secret", "AccountKey is base64"),
        ("AzureWebJobsStorage", "AccountName=x;AccountKey=c2VjcmV0", "DefaultEndpointsProtocol=https"),
        ("AzureWebJobsStorage", "BlobEndpoint=https://x;SharedAccessSignature=sv=1&sig=x", "DefaultEndpointsProtocol="),
    ],
)
def test_a_bad_value_says_the_key_and_what_is_allowed(key: str, value: str, allowed: str) -> None:
    with pytest.raises(ConfigError, match=key) as caught:
        load(**{key: value})
    assert allowed in str(caught.value)


def test_no_storage_at_all_says_both_ways_to_have_one() -> None:
    with pytest.raises(ConfigError, match="AzureWebJobsStorage__accountName"):
        Settings.load({})


@pytest.mark.parametrize(
    "connection",
    [
        "UseDevelopmentStorage=true",
        "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net",
        "AccountName=x;AccountKey=c2VjcmV0;BlobEndpoint=http://127.0.0.1:1/x;QueueEndpoint=http://127.0.0.1:2/x;",
        "BlobEndpoint=https://x;QueueEndpoint=https://y;SharedAccessSignature=sv=1&sig=x%3D",
    ],
)
def test_whatever_names_an_account_and_a_way_in_is_a_connection_string(connection: str) -> None:
    assert load(AzureWebJobsStorage=connection).storage_connection == connection


@pytest.mark.parametrize(
    ("key", "url"),
    [
        ("SIMPI_API_BASE_URL", "http://user:canary@host"),
        ("SIMPI_API_BASE_URL", "https://user:canary@host/api"),
        ("WEBHOOK_URL", "https://canary@host"),
        ("WEBHOOK_URL", "http://host/?token=canary"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "canary"),
        ("ALLOWED_ORIGINS", "https://user:canary@host"),
    ],
)
def test_a_url_with_a_password_is_refused_and_no_error_repeats_it(key: str, url: str) -> None:
    with pytest.raises(ConfigError, match=key) as caught:
        load(**{key: url})
    assert "canary" not in str(caught.value)


def test_upper_and_lower_case_are_the_same_for_words() -> None:
    assert load(PROCESSED_ACCESS="Public", BLOB_TRIGGER_SOURCE="eventgrid").blob_trigger_source == "EventGrid"


def test_a_secret_does_not_show_in_a_log_line() -> None:
    secret, signalr = "whsec_canary00", "Endpoint=https://x;AccessKey=canary"
    settings = load(SIMPI_API_TOKEN="canary-token", WEBHOOK_SECRET=secret, AzureSignalRConnectionString=signalr)
    assert "canary" not in repr(settings) + str(settings)
    for key in ("WEBHOOK_SECRET", "AzureSignalRConnectionString"):
        with pytest.raises(ConfigError, match=key) as bad:
            load(**{key: "canary!"})
        assert "canary" not in str(bad.value)
    for connection in ("AccountNameaAccountKeycanary", "AccountName=a;AccountKey=canary!", "AccountKey=canary=="):
        with pytest.raises(ConfigError) as caught:
            load(AzureWebJobsStorage=connection)
        assert "canary" not in str(caught.value)
