# The service with its encoders and nano's weights inside: needs no network once built.
#
#   docker build -t trsllava . && docker run --rm -p 127.0.0.1:8080:8080 -v archives:/archives -v ./images:/images:ro trsllava

FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/trsllava
ENV PATH=/opt/trsllava/bin:$PATH
# Without CUDA, which alone would be gigabytes.
RUN pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu torch
COPY . .
RUN pip install --no-cache-dir --constraint constraints.txt ".[service]"
# The text encoder is exported once, here, so that the container starts in a second and writes nothing.
RUN XDG_CACHE_HOME=/opt/trsllava/cache \
    python -c "from trsllava.encoders.text import load_text_encoder; load_text_encoder().encode(['harbor'])"

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin trsllava \
    && install -d -o trsllava -g trsllava /archives
COPY --from=build /opt/trsllava /opt/trsllava
ENV PATH=/opt/trsllava/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/opt/trsllava/cache \
    TRSLLAVA_HOME=/archives \
    TRSLLAVA_HOST=0.0.0.0 \
    TRSLLAVA_PORT=8080
USER trsllava
WORKDIR /archives
VOLUME /archives
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
CMD ["trsllava", "serve"]
