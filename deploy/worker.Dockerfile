# An inference worker: no Django, no database password. torch comes with CUDA; for a machine without:
# --build-arg PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu
FROM python:3.11-slim-bookworm
ARG PIP_EXTRA_INDEX_URL
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 MASKLOOM_MODELS=/models
RUN useradd --system --create-home maskloom \
 && install -d -o maskloom -g maskloom /models
WORKDIR /srv/maskloom
COPY inference_worker/requirements-base.txt inference_worker/requirements.txt inference_worker/
RUN pip install --only-binary=:all: -r inference_worker/requirements.txt
COPY inference_worker inference_worker
USER maskloom
VOLUME /models
CMD ["celery", "--app", "inference_worker.celery", "worker", "-Q", "inference", "-P", "threads", "-c", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
