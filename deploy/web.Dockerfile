# The annotator: web, recorder, clock and CPU worker are the same image with different commands.
FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 MASKLOOM_DATA=/data
RUN apt-get update \
 && apt-get install -y --no-install-recommends ffmpeg \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home maskloom \
 && install -d -o maskloom -g maskloom /data
WORKDIR /srv/maskloom
COPY requirements.txt ./
COPY inference_worker/requirements-base.txt inference_worker/
RUN pip install --only-binary=:all: -r requirements.txt
COPY manage.py ./
COPY annotator annotator
COPY inference_worker inference_worker
COPY migrations migrations
COPY web web
USER maskloom
VOLUME /data
EXPOSE 8000
CMD ["sh", "-c", "python manage.py collectstatic --no-input && exec uvicorn annotator.asgi:application --host 0.0.0.0 --port 8000 --timeout-graceful-shutdown 3"]
