# docker build -t smug2s3 .
# docker run --rm -it --user "$(id -u):$(id -g)" -v "$PWD:/data" smug2s3 sync
# Run it in the folder with your .env; the ledger is written there too.
FROM python:3.13-slim

RUN pip install --no-cache-dir uv \
    && useradd --create-home --uid 1000 smug2s3 \
    && install --directory --owner=smug2s3 /app /data

WORKDIR /app
USER smug2s3
ENV UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1

# Dependencies first: they change less often than the source.
COPY --chown=smug2s3 pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --extra cluster --no-install-project
COPY --chown=smug2s3 src src
RUN uv sync --frozen --no-dev --extra cluster

# The ledger is written where the program runs, and must outlive the container.
WORKDIR /data
VOLUME /data
ENV PATH="/app/.venv/bin:$PATH"
ENTRYPOINT ["smug2s3"]
CMD ["--help"]
