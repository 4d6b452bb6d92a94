"""One Spark session for the tests of a process; without Java or the extra they are skipped, unless FINRA_RULES_NEED_SPARK is set."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from finra_rules.database.spark.session import OnSpark

NEEDED = "FINRA_RULES_NEED_SPARK"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    there = find_spec("pyspark") is not None and (shutil.which("java") or os.environ.get("JAVA_HOME"))
    for item in items:
        if item.path.parent.name == "spark":
            item.add_marker(pytest.mark.spark)
            if not there and NEEDED not in os.environ:
                item.add_marker(pytest.mark.skip(reason="Spark needs the extra `spark` and Java"))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Spark's own Python closes sockets when it is collected; that is no warning of ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        yield


@pytest.fixture
def database() -> Iterator[OnSpark]:
    """An empty database on the session that all tests of this process share."""
    from finra_rules.database.spark.session import on_this_machine

    with on_this_machine() as made:
        yield made
