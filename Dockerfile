# One target per image: `operator` reconciles, `server` fetches and serves models.
#
#   docker build --target operator -t headgate/operator:dev .
#
# BASE_IMAGE is any glibc Linux with Python 3.13 as python3, with its venv module. What a build
# machine needs to reach its package index goes in as secrets, never into a layer: `build-env`
# (shell assignments such as PIP_INDEX_URL or UV_DEFAULT_INDEX) and `ca` (certificates to trust).
# `make images` passes both.
ARG BASE_IMAGE=docker.io/library/python:3.13-slim

# --- the installer --------------------------------------------------------------------------
FROM ${BASE_IMAGE} AS uv
ARG UV_VERSION=0.13.9
RUN --mount=type=secret,id=build-env --mount=type=secret,id=ca \
    set -a; [ ! -f /run/secrets/build-env ] || . /run/secrets/build-env; set +a; \
    python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir --quiet uv==${UV_VERSION}

# --- what uv.lock pins for each image: a layer of its own, so that a change elsewhere in
# pyproject.toml does not install anything anew
FROM uv AS pins
WORKDIR /pins
COPY pyproject.toml uv.lock ./
RUN for extra in operator server; do \
      /opt/uv/bin/uv export --quiet --frozen --no-dev --no-emit-project --no-annotate \
        --no-header --extra "$extra" --output-file "$extra.txt"; \
    done

# --- installed packages ---------------------------------------------------------------------
FROM uv AS operator-packages
COPY --from=pins /pins/operator.txt /pins/
RUN --mount=type=secret,id=build-env --mount=type=secret,id=ca \
    --mount=type=cache,target=/root/.cache/uv \
    set -a; [ ! -f /run/secrets/build-env ] || . /run/secrets/build-env; set +a; \
    export UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never; \
    /opt/uv/bin/uv venv --quiet --python "$(command -v python3)" /opt/headgate \
    && /opt/uv/bin/uv pip install --quiet --python /opt/headgate/bin/python --no-deps \
        --require-hashes --compile-bytecode --requirement /pins/operator.txt

FROM uv AS server-packages
COPY --from=pins /pins/server.txt /pins/
# Test suites are a tenth of the scientific packages. numpy keeps its own: its testing module,
# which others import, needs them. lightgbm wants the system's OpenMP: it gets scikit-learn's, so
# that a process never holds two.
RUN --mount=type=secret,id=build-env --mount=type=secret,id=ca \
    --mount=type=cache,target=/root/.cache/uv \
    set -a; [ ! -f /run/secrets/build-env ] || . /run/secrets/build-env; set +a; \
    export UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never; \
    /opt/uv/bin/uv venv --quiet --python "$(command -v python3)" /opt/headgate \
    && /opt/uv/bin/uv pip install --quiet --python /opt/headgate/bin/python --no-deps \
        --require-hashes --requirement /pins/server.txt \
    && cd /opt/headgate/lib/python3.*/site-packages \
    && find . -type d -name tests -not -path './numpy/*' -prune -exec rm -rf {} + \
    && mkdir /opt/headgate/lib/shared \
    && ln -s "$PWD"/scikit_learn.libs/libgomp-*.so* /opt/headgate/lib/shared/libgomp.so.1 \
    && /opt/headgate/bin/python -m compileall -q -j 0 . \
    && LD_LIBRARY_PATH=/opt/headgate/lib/shared /opt/headgate/bin/python -c \
        'import lightgbm, numpy.testing, onnxruntime, sklearn.ensemble, skops.io, xgboost'

# --- our code -------------------------------------------------------------------------------
FROM ${BASE_IMAGE} AS code
COPY operator/headgate /code/headgate
RUN rm -rf /code/headgate/cli && mkdir -p /server/headgate \
    && cp /code/headgate/__init__.py /server/headgate/ \
    && mv /code/headgate/server /server/headgate/ \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /code /server

# --- the images: nothing in them has to be writable, and nobody in them is root. Our code comes
# last, so that a change of it makes one small layer.
FROM ${BASE_IMAGE} AS operator
ENV PATH=/opt/headgate/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=operator-packages /opt/headgate /opt/headgate
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["python", "-m", "headgate.controller"]
COPY --from=code /code /app

FROM ${BASE_IMAGE} AS server
ENV PATH=/opt/headgate/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    LD_LIBRARY_PATH=/opt/headgate/lib/shared
COPY --from=server-packages /opt/headgate /opt/headgate
WORKDIR /app
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["python", "-m", "headgate.server"]
COPY --from=code /server /app
