"""docker-compose.yml and Dockerfile hold their rules, and each rule can fail."""

from __future__ import annotations

import pytest
import yaml

from testkit.lint import compose, image

pytestmark = pytest.mark.pure
COMPOSE, DOCKERFILE = (module.FILE.read_text(encoding="utf-8") for module in (compose, image))
IGNORED = image.IGNORED.read_text(encoding="utf-8")

# one change to the good file, and the word by which it is refused
COMPOSE_FAULTS = {
    "services:\n": ("services: [\n", "not YAML"),
    "    restart: \"no\"\n    command: [python, manage.py, migrate": (
        "    command: [python, manage.py, migrate", "started again and again"
    ),
    "manage.py, migrate, --noinput": ("manage.py, migrat, --noinput", "there is no manage.py migrat"),
    "image: postgres:15-bookworm\n    command:\n": ("image: postgres\n    command:\n", "image without a version"),
    'ports: ["80:8080", "443:8443"]': ('prots: ["80:8080"]', "has no prots"),
    "-Q, totals,": ("-Q, total,", "no worker listens to the queue totals"),
    "-Q, reports, ": ("", "says no queue"),
    "  cap_drop: [ALL]\n": ("", "keeps capabilities"),
    "  read_only: true\n": ("", "may write to its own image"),
    "no-new-privileges:true": ("seccomp:unconfined", "may gain privileges"),
    "limits: { cpus: \"0.2\", memory: 256M }": ("limits: { cpus: \"0.2\" }", "no bound of cpus and memory"),
    "SECRET_KEY_FILE: /run/secrets/secret_key": ("SECRET_KEY: abc", "give it as SECRET_KEY_FILE"),
    "METRICS_TOKEN_FILE": ("METRIC_TOKEN_FILE", "is read by nobody"),
    "secrets: [database_url, secret_key, redis_url, metrics": (
        "secrets: [database_url, secret_key, metrics", "is not given the secret redis_url"
    ),
    "  web:\n    <<: *portal\n": ("  web:\n    <<: *portal\n    secrets: *owner-secrets\n", "web: signs in to the"),
    "  metrics_token: { file: ./secrets/metrics_token }\n": ("", "does not declare metrics_token"),
    "db: { condition: service_healthy }": ("database: { condition: service_healthy }", "which there is not"),
    "redis: { condition: service_healthy }": ("redis: { condition: service_well }", "in no known condition"),
    "./docs/operations/nginx.conf:/etc": ("./docs/operations/ngnix.conf:/etc", "mounts ./docs/operations/ngnix.conf"),
    "      interval: 5s\n": ("      interval: five\n", "interval is no time"),
    "  gateway:\n    <<: *hardened\n": ("  gateway:\n    ports: [\"9000:9000\"]\n    <<: *hardened\n", "open to the world"),
    "volumes:\n  database:\n": ("volumes:\n  database:\n  forgotten:\n", "forgotten is used by nobody"),
}  # fmt: skip
IMAGE_FAULTS = {
    "USER 10001\n": ("", "runs as root"),
    "USER 10001\nEXPOSE": ("USER 10001\nRUN touch /app/x\nEXPOSE", "RUN after USER"),
    "HEALTHCHECK ": ("LABEL ", "no HEALTHCHECK"),
    'CMD ["gunicorn", "portal.wsgi", "-c", "python:portal.operations.gunicorn"]': ("CMD gunicorn portal.wsgi", "a shell"),
    "FROM python:3.11-slim-bookworm\n": ("FROM python\n", "without a version"),
    "--from=build /venv": ("--from=biuld /venv", "from a stage biuld"),
    "lock/requirements.txt lock/\n": ("lock/requirement.txt lock/\n", "copies lock/requirement.txt"),
    " --no-install-recommends": ("", "only recommended"),
    " && rm -rf /var/lib/apt/lists/*": ("", "leaves its lists"),
    "--no-cache-dir --require-hashes": ("--no-cache-dir", "without hashes"),
    "COPY . .\n": ("COPY docs docs\n", ".dockerignore keeps out"),
    "WORKDIR /app\nCOPY --from=build /venv": ("WORKDIR app\nCOPY --from=build /venv", "not absolute"),
    "ENV PATH": ("ENV API_TOKEN=1 PATH", "keeps a secret"),
    "RUN apt-get update": ("RUN curl x | sh && apt-get update", "nobody has checked"),
    "VOLUME": ("ADD x /y\nVOLUME", "no instruction of ours: ADD"),
}  # fmt: skip


def test_both_files_are_sound() -> None:
    assert compose.faults_of(COMPOSE) == []
    assert image.faults_of(DOCKERFILE, IGNORED) == []


@pytest.mark.parametrize("part", COMPOSE_FAULTS)
def test_a_fault_in_compose_is_seen(part: str) -> None:
    instead, words = COMPOSE_FAULTS[part]
    assert part in COMPOSE
    assert words in "\n".join(compose.faults_of(COMPOSE.replace(part, instead)))


@pytest.mark.parametrize("part", IMAGE_FAULTS)
def test_a_fault_in_the_image_is_seen(part: str) -> None:
    instead, words = IMAGE_FAULTS[part]
    assert part in DOCKERFILE
    assert words in "\n".join(image.faults_of(DOCKERFILE.replace(part, instead), IGNORED))


def test_secrets_of_this_machine_stay_out_of_the_image() -> None:
    assert "lets secrets into" in "\n".join(image.faults_of(DOCKERFILE, IGNORED.replace("secrets\n", "")))


def test_every_role_is_there() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    roles = {"proxy", "db", "redis", "migrate", "web", "worker-mail", "worker-imports", "worker-totals", "worker-reports",
             "beat", "backup", "gateway"}  # fmt: skip
    assert roles <= services.keys()
    assert [name for name, service in services.items() if service.get("ports")] == ["proxy"]
