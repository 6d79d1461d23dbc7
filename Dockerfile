# TensorBoard with the Label Projector, for somebody who may not do much: docs/places.md says how to run it.

FROM python:3.13-slim AS build
COPY . /source
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /source

FROM python:3.13-slim
# `export,postgresql` also exports, with TensorFlow.
ARG EXTRAS=postgresql
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir "$(echo /wheels/*.whl)[$EXTRAS]"
RUN useradd --create-home labels && install -d -o labels /runs
# Whoever it runs as (--user) may keep what is compiled.
ENV NUMBA_CACHE_DIR=/tmp/numba
USER labels
VOLUME /runs
EXPOSE 6006
ENTRYPOINT ["tensorboard", "--logdir", "/runs", "--host", "0.0.0.0"]
