# The function app as a container, for Azure Container Apps: host, app, web page. Not built on a developer's machine.

# --- the web page -----------------------------------------------------------------------------------------------------
FROM node:24-bookworm-slim AS page
ENV NEXT_TELEMETRY_DISABLED=1
WORKDIR /page
# The star lets the build go on where there is no page; LICENSE is there so that something is copied in any case.
COPY LICENSE media-uploader* ./
RUN if [ -f package-lock.json ]; then npm ci --no-audit --no-fund && npm run build; else mkdir out; fi

# --- the app ----------------------------------------------------------------------------------------------------------
FROM mcr.microsoft.com/azure-functions/python:4-python3.11

ARG VERSION=unknown
LABEL org.opencontainers.image.title="SIMPI Media Compression" \
      org.opencontainers.image.description="Compresses the photos and videos that people upload" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${VERSION}"

# 8080, since only root may listen on 80. Isolated, since the worker's own older azure-functions would come before ours,
# and with it the durable SDK would forget its strict typing. 16 threads, since workers differ in how many they take: stories,
# photos and requests share them.
ENV ASPNETCORE_URLS=http://+:8080 \
    AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    AZURE_FUNCTIONS_DURABLE_STRICT_TYPING=1 \
    PYTHON_ISOLATE_WORKER_DEPENDENCIES=1 \
    PYTHON_THREADPOOL_THREAD_COUNT=16 \
    PYTHONDONTWRITEBYTECODE=1

WORKDIR /home/site/wwwroot

# Pinned by hash, and wheels only: nothing is compiled, so no compiler is needed.
COPY requirements.txt ./
RUN pip install --no-cache-dir --only-binary=:all: --require-hashes --requirement requirements.txt

# The host writes logs and its own notes below /home and its working files below /tmp; the app's folder stays read-only to it.
RUN groupadd --gid 10001 simpi \
 && useradd --uid 10001 --gid simpi --home-dir /home --no-create-home --shell /usr/sbin/nologin simpi \
 && mkdir -p /home/LogFiles /home/data /azure-functions-host/Secrets \
 && chown simpi:simpi /home/LogFiles /home/data /azure-functions-host/Secrets

COPY host.json function_app.py ./
COPY config config
COPY core core
COPY adapters adapters
COPY activities activities
COPY orchestrators orchestrators
COPY triggers triggers
COPY --from=page /page/out media-uploader/out

# To go back to the base image's user: --build-arg APP_USER=root
ARG APP_USER=simpi
USER ${APP_USER}

EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=5 \
    CMD ["curl", "--fail", "--silent", "--max-time", "8", "--output", "/dev/null", "http://127.0.0.1:8080/api/health"]
