# One image for every Airflow service and for `vbp` by hand.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

# Bulletins are printed by Chromium, in fonts that have Chinese characters.
RUN apt-get update -qq \
    && apt-get install --yes -qq --no-install-recommends chromium fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*

# The lock names every distribution by hash and no address; pip's own configuration says where to fetch it.
# It holds the development group too: the build backend comes from there, and one lock stays one truth.
WORKDIR /opt/vbp
COPY requirements.lock ./
RUN python -m pip install --require-hashes --only-binary=:all: -r requirements.lock

# Editable: the DAG folder and the imported packages are the same files, laid out as in the repository.
COPY pyproject.toml README.md LICENSE ./
COPY pipelines ./pipelines
COPY schemas ./schemas
COPY seeds ./seeds
COPY migrations ./migrations
COPY dags ./dags
RUN python -m pip install --no-deps --no-build-isolation --editable . \
    && python -m compileall -q .

# A new named volume takes its owner from the directory it covers, so each must exist here.
RUN useradd --uid 10001 --create-home vbp \
    && mkdir -p /opt/airflow/auth /opt/airflow/logs /var/lib/vbp \
    && chown -R vbp:vbp /opt/airflow /var/lib/vbp \
    && chmod 700 /var/lib/vbp
USER vbp

CMD ["vbp", "--help"]
