# The function app as a container: what Azure Container Apps or Azure Functions runs. Not built on a developer's machine:
# see docs/configuration.md for its settings.
FROM mcr.microsoft.com/azure-functions/python:4-python3.11

LABEL org.opencontainers.image.title="SIMPI Media Compression" \
      org.opencontainers.image.licenses="MIT"

ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    AZURE_FUNCTIONS_DURABLE_STRICT_TYPING=1 \
    PYTHONDONTWRITEBYTECODE=1

WORKDIR /home/site/wwwroot

COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY host.json function_app.py ./
COPY config config
COPY core core
COPY adapters adapters
COPY activities activities
COPY orchestrators orchestrators
COPY triggers triggers
