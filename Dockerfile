# One image, many roles: web, workers, beat, migrate, backup, gateway. `python -m testkit.lint.image` holds this
# file and docker-compose.yml to the rules of docs/operations.md; the project's own machines have no engine to build it.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY lock/bootstrap.txt lock/requirements.txt lock/
RUN python -m venv /venv \
 && /venv/bin/pip install -qq --no-cache-dir --require-hashes -r lock/bootstrap.txt \
 && /venv/bin/uv pip install -q --no-cache --compile-bytecode --python /venv/bin/python --require-hashes -r lock/requirements.txt
COPY . .
RUN /venv/bin/python -m testkit.messages compile locale/*/LC_MESSAGES/django.po \
 && SECRET_KEY=only-to-collect-static-files-never-used-to-serve-anything-at-all STATIC_ROOT=/app/static RELEVE_VAR=/tmp \
    /venv/bin/python manage.py collectstatic --noinput -v 0

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore of the same major version as the database of docker-compose.yml
RUN apt-get update \
 && apt-get install -y --no-install-recommends postgresql-client-15=15.* \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin releve \
 && install -d -o releve /var/lib/releve /backups /state
WORKDIR /app
COPY --from=build /venv /venv
# owned by root: what answers requests cannot change its own code
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=portal.settings \
    STATIC_ROOT=/app/static RELEVE_VAR=/var/lib/releve
USER 10001
EXPOSE 8000
VOLUME /var/lib/releve
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/ready', timeout=3)"]
CMD ["gunicorn", "portal.wsgi", "-c", "python:portal.operations.gunicorn"]
