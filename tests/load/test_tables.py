"""The tables that loads are measured on can be filled, and every number and list of the measurement read from them."""

from __future__ import annotations

import pytest
from django.db import connection

from annotator.models import Masklet, Membership, Project, Task
from annotator.selectors import auto_runs
from annotator.services import cells
from tests.factories import make_user
from tests.load import numbers, tables

MASKLETS = 240


@pytest.mark.django_db
def test_what_is_measured_at_full_size_can_be_read_from_small_tables() -> None:
    project = Project.objects.create(slug="load", name="Load")
    manager = make_user("manager")
    Membership.objects.create(project=project, user=manager, role="manager")
    with connection.cursor() as cursor:
        cursor.execute(tables.filling(project.pk, manager.pk, MASKLETS))
    cells.add_up_touched()
    assert Masklet.objects.count() == Task.objects.filter(masklet__isnull=False).count() == MASKLETS
    failed = sum(row["unsatisfactory"] for row in auto_runs.models_of(project))
    assert failed == auto_runs.failures(project).count() > 0
    for read in numbers.measured(project, manager, MASKLETS).values():
        read()
