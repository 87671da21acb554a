# One image, many roles: web, worker, beat, migrate, gateway. Not built on the project's own machines (no engine there).
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY lock/bootstrap.txt lock/requirements.txt lock/
RUN python -m venv /venv \
 && /venv/bin/pip install -qq --no-cache-dir --require-hashes -r lock/bootstrap.txt \
 && /venv/bin/uv pip install -q --no-cache --python /venv/bin/python --require-hashes -r lock/requirements.txt
COPY . .
RUN /venv/bin/python -m testkit.messages compile locale/*/LC_MESSAGES/django.po \
 && SECRET_KEY=only-to-collect-static-files-never-used-to-serve-anything-at-all RELEVE_VAR=/app/var \
    /venv/bin/python manage.py collectstatic --noinput -v 0

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app releve
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build --chown=releve /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=portal.settings
USER releve
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--no-control-socket"]
