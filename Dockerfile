# docker build -t smug2s3 .
# docker run --rm -it --user "$(id -u):$(id -g)" -v "$PWD:/data" smug2s3 sync
# .env and the ledger lie in the folder that is mounted.
FROM python:3.13-slim

RUN pip install --no-cache-dir uv \
    && useradd --create-home --uid 1000 mover \
    && install --directory --owner=mover /app /data

WORKDIR /app
USER mover
ENV UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1

# The dependencies first: they change more rarely than the source.
COPY --chown=mover pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --extra cluster --no-install-project
COPY --chown=mover src src
RUN uv sync --frozen --no-dev --extra cluster

# The ledger is written where the program runs, and must outlive the container.
WORKDIR /data
VOLUME /data
ENV PATH="/app/.venv/bin:$PATH"
ENTRYPOINT ["smug2s3"]
CMD ["--help"]
