# One image for every Airflow service and for `vbp` by hand; built once, by `docker compose build`.
#
# Behind an intranet: the arguments name other base images (a digest stays the same on a mirror that copies), and the build secrets
# apt_sources, apt_conf, pip_conf and ca hold mirrors, credentials and the certificate of the house (deploy/mirror.yml). A secret is
# there while its step runs, and is in no layer. Base images are named by digest, as recorded by docker-library/repo-info; newer:
# `docker buildx imagetools inspect python:3.11-slim-bookworm`.
ARG PYTHON_IMAGE=docker.io/library/python:3.11.16-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src

# What the product needs of the lock, by hash, and no more; the lock names no address, pip's configuration says where to fetch.
COPY pyproject.toml requirements.lock ./
COPY deploy/locked.py deploy/
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf \
    --mount=type=secret,id=ca,target=/etc/ssl/site-ca.pem \
    python -m venv --without-pip /opt/venv \
    && python -m venv /opt/build \
    && python deploy/locked.py > runtime.lock \
    && python deploy/locked.py hatchling > build.lock \
    && /opt/build/bin/python -m pip install --require-hashes --only-binary=:all: -r build.lock \
    && /opt/build/bin/python -m pip --python /opt/venv/bin/python install --require-hashes --only-binary=:all: -r runtime.lock \
    && find /opt/venv -depth -type d -name tests -exec rm -r {} +

COPY README.md LICENSE ./
COPY pipelines ./pipelines
COPY schemas ./schemas
COPY seeds ./seeds
COPY migrations ./migrations
COPY dags ./dags
RUN /opt/build/bin/python -m hatchling build --target wheel --directory /tmp/wheel \
    && /opt/build/bin/python -m pip --python /opt/venv/bin/python install --no-deps --no-index /tmp/wheel/*.whl

FROM ${PYTHON_IMAGE}
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VBP_CHROMIUM=/usr/bin/chromium-headless-shell

# Bulletins are printed by Chromium, in fonts that have Chinese characters. What its packages bring for graphics cards it never loads.
RUN --mount=type=secret,id=apt_sources,target=/etc/apt/sources.list.d/debian.sources \
    --mount=type=secret,id=apt_conf,target=/etc/apt/apt.conf.d/99site \
    --mount=type=secret,id=ca,target=/etc/ssl/site-ca.pem,mode=0444 \
    apt-get update -qq \
    && apt-get install --yes -qq --no-install-recommends chromium-headless-shell fonts-noto-cjk \
    && dpkg --purge --force-depends libgl1-mesa-dri libllvm15 libz3-4 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/*

# A new named volume takes its owner from the directory it covers, so each must exist here.
RUN useradd --uid 10001 --create-home vbp \
    && mkdir -p /opt/airflow/auth /opt/airflow/logs /var/lib/vbp /var/tmp/vbp /out \
    && chown -R vbp:vbp /opt/airflow /var/lib/vbp /var/tmp/vbp /out \
    && chmod 700 /opt/airflow/auth /var/lib/vbp /var/tmp/vbp
COPY --from=build /opt/venv /opt/venv
COPY deploy/init.py /opt/vbp/
RUN ln -s /opt/venv/lib/python3.11/site-packages/dags /opt/vbp/dags
USER 10001
WORKDIR /out

CMD ["vbp", "--help"]
