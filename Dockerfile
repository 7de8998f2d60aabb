# docker build -t smug2s3 .
# docker run --rm -it --user "$(id -u):$(id -g)" -v "$PWD:/data" smug2s3 sync
# Run it in the folder with your .env; the ledger is written there too.
#
# --build-arg DEMO=yes adds what `smug2s3 demo` needs (100 MB). BASE is any image with Python 3.11 or newer, and pip.
# Nothing here needs BuildKit, so that the older Docker of a NAS builds it too.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/smug2s3 UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
ARG DEMO=""
WORKDIR /build
# Dependencies first: they change less often than the source.
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --no-install-project --extra cluster ${DEMO:+--extra demo}
COPY src src
# Of the descriptions of 400 services, 20 MB, it needs those of S3 and of signing in. The empty file says how it was
# installed. Whatever user the container runs as may write to a new volume.
RUN uv sync --locked --no-dev --no-editable --extra cluster ${DEMO:+--extra demo} \
    && find /opt/smug2s3/lib/python3.*/site-packages/botocore/data -mindepth 1 -maxdepth 1 -type d \
        ! -name s3 ! -name sts ! -name 'sso*' ! -name signin -exec rm -r {} + \
    && touch /opt/smug2s3/container-image \
    && install --directory --mode=1777 /image/data

FROM ${BASE}
LABEL org.opencontainers.image.title="smug2s3" \
      org.opencontainers.image.description="Copy a whole SmugMug account to S3-compatible storage, and prove that everything arrived." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/smug2s3 /opt/smug2s3
COPY --from=build /image /
ENV PATH="/opt/smug2s3/bin:$PATH" HOME=/tmp
# By number: that is a user other than root, for Kubernetes too. Any other works as well.
USER 1000:1000
# The ledger is written where the program runs, and must outlive the container.
WORKDIR /data
VOLUME /data
# For `sync --every … --health-file /data/health.json`; add --no-healthcheck to run anything else for longer than a night.
HEALTHCHECK --interval=5m --timeout=30s --start-period=1m \
    CMD ["smug2s3", "health", "--file", "/data/health.json", "--max-age", "26h"]
ENTRYPOINT ["smug2s3"]
CMD ["--help"]
