"""Real servers for the whole run, the labelled test data, and the cast."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from deploy.local.services import Server, start_postgres, start_valkey

if TYPE_CHECKING:
    from annotator.models import Project, User

SERVERS = pytest.StashKey[list[Server]]()
FOLDER = pytest.StashKey[Path]()
DAY_S, LONGEST_S = 86_400, 300  # of a test that counts by days

# The same examples at every run, and no limit of time for one of them: a busy machine is no bug.
hypothesis.settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    # Before Django reads its settings: pytest-django sets Django up after this hook.
    folder = Path(tempfile.mkdtemp(prefix="maskloom-tests-"))
    config.stash[FOLDER] = folder
    config.stash[SERVERS] = servers = []
    for variable, start in (("DATABASE_URL", start_postgres), ("REDIS_URL", start_valkey)):
        if variable not in os.environ:
            servers.append(start(folder))
            os.environ[variable] = servers[-1].url
    os.environ["DJANGO_SETTINGS_MODULE"] = "annotator.settings"
    os.environ["DJANGO_SECRET_KEY"] = "tests"
    os.environ["MASKLOOM_DATA"] = str(folder)
    os.environ["MASKLOOM_ENGINE"] = "scripted"
    from django.conf import settings

    # Read now, so that pytest-django finds Django configured. Slow hashes and hashed file names
    # would only cost time: the journeys run with both.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    settings.STATIC_ROOT = None


def pytest_unconfigure(config: pytest.Config) -> None:
    for server in config.stash.get(SERVERS, []):
        server.stop()
    shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def redis_url() -> str:
    return os.environ["REDIS_URL"]


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of labelled sequences and odd videos."""
    folder = os.environ.get("MASKLOOM_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("MASKLOOM_TEST_DATA does not name the folder of test sequences and videos")
    return Path(folder)


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The Chromium that the journeys drive."""
    found = os.environ.get("MASKLOOM_BROWSER") or shutil.which("chromium")
    if not found:
        pytest.skip("no Chromium was found: install it, or name one in MASKLOOM_BROWSER")
    return found


@pytest.fixture
def within_a_day() -> None:
    """The day (UTC) does not end during the test, for the database and a browser neither: where it soon
    would, the test begins after midnight."""
    left = DAY_S - time.time() % DAY_S
    if left < LONGEST_S:
        time.sleep(left + 1)


@pytest.fixture
def project(db: None) -> Project:
    from tests.factories import make_project

    return make_project()


@pytest.fixture
def annotator(project: Project) -> User:
    from tests.factories import make_member

    return make_member(project, "annotator")


@pytest.fixture
def reviewer(project: Project) -> User:
    from tests.factories import make_member

    return make_member(project, "reviewer")


@pytest.fixture
def manager(project: Project) -> User:
    from tests.factories import make_member

    return make_member(project, "manager")


@pytest.fixture
def owner(project: Project) -> User:
    from tests.factories import make_member

    return make_member(project, "owner")


@pytest.fixture
def stranger(db: None) -> User:
    """Signed in, and a member of no project."""
    from tests.factories import make_user

    return make_user("stranger")
