# An inference worker: no Django, no database password.
FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
RUN useradd --system --create-home maskloom
WORKDIR /srv/maskloom
COPY inference_worker/requirements.txt inference_worker/
RUN pip install --only-binary=:all: -r inference_worker/requirements.txt
COPY inference_worker inference_worker
USER maskloom
CMD ["celery", "--app", "inference_worker.celery", "worker", "-Q", "inference", "-P", "threads", "-c", "1", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
