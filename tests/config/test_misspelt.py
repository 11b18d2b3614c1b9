"""A misspelt setting does nothing: somebody has to say so."""

import pytest

from config.misspelt import misspelt

LEAST = {"AzureWebJobsStorage": "UseDevelopmentStorage=true", "VIDEO_SLOTS": "2", "PATH": "/bin"}


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("VIDEO_SLOT", "VIDEO_SLOTS"),
        ("MAX_RETRY_ATEMPTS", "MAX_RETRY_ATTEMPTS"),
        ("video_slots", "VIDEO_SLOTS"),
        ("AzureWebjobsStorage", "AzureWebJobsStorage"),
        ("AzureWebJobsStorage__acountName", "AzureWebJobsStorage__accountName"),
        ("AZURE_FUNCTION_ENVIRONMENT", "AZURE_FUNCTIONS_ENVIRONMENT"),
    ],
)
def test_a_name_like_a_settings_is_noticed(name: str, setting: str) -> None:
    assert misspelt({**LEAST, name: "5"}) == {name: setting}


@pytest.mark.parametrize(
    "name",
    [
        "AzureWebJobsStorage__credential",
        "AzureWebJobsStorage__blobServiceUri",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "WEBSITE_SITE_NAME",
        "SIMPI_DATA",
        "HOSTNAME",
    ],
)
def test_what_belongs_to_somebody_else_is_left_alone(name: str) -> None:
    assert misspelt({**LEAST, name: "x"}) == {}
