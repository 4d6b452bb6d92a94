"""A database on Apache Spark: views by name over DataFrames, tables as Parquet in a folder that every worker sees."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from finra_rules.database import SCHEMAS, Closure
from finra_rules.database.embedded import Embedded, named
from finra_rules.database.spark.dialect import bits_of, quoted, spark_sql, type_name
from finra_rules.database.spark.folders import Folders
from finra_rules.model.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

SETTINGS = {
    # What a query means, whatever the cluster's defaults are.
    "spark.sql.ansi.enabled": "true",  # an overflow or a bad cast is an error, never a wrap or a NULL
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.caseSensitive": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.mapKeyDedupPolicy": "EXCEPTION",
    # How it runs.
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.codegen.wholeStage": "false",  # whole rules in one Java method are beyond its 64 KB
    "spark.sql.adaptive.skewJoin.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "50000",
    "spark.sql.execution.pythonUDF.arrow.enabled": "false",
}
_PLAIN = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
"""Settings of a session that is started here; one that is there already keeps its own."""
_JAVA = "17"
_MOST_TASKS = 1_000
_DRIVER_MEMORY = "4g"
"""In `local` mode the driver does all the work, and Spark's own default of 1 GB is too little for it."""


def connect(master: str | None = None, options: Mapping[str, str] | None = None) -> SparkSession:
    """Return a session with the settings that results rest on; that of `spark-submit` if there is one.

    Args:
        master: where Spark runs (`local[4]`, `spark://host:7077`); None = as configured, `local[*]` where nothing is.
        options: settings of a session that is started here.

    Raises:
        UsageError: pyspark or Java is missing, or the session cannot be started.
    """
    try:
        import pandas as pd  # noqa: F401 - pyspark hands Arrow batches over only where both are there
        import pyarrow as pa  # noqa: F401
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise UsageError(f"--engine spark needs {error.name}: pip install 'finra-rules[spark]'") from None
    if not _is_running() and not _java():
        raise UsageError(f"--engine spark needs Java {_JAVA} or later: install it, or set JAVA_HOME to where it is")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    if (master or "local").startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    logging.getLogger("SQLQueryContextLogger").disabled = True  # it prints what is raised anyway
    builder = SparkSession.builder.appName("finra-rules")
    if master:
        builder = builder.master(master)
    for key, value in {**_own_settings(), **(options or {})}.items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate().newSession()
        for key, value in SETTINGS.items():
            session.conf.set(key, value)
    except (PySparkException, OSError) as error:
        raise UsageError(f"Spark cannot be started: {first_line(error)}") from None
    return session


def _own_settings() -> dict[str, str]:
    """Return the settings of a session that is started here; what the user has configured for `spark-submit` stays."""
    log = Path(__file__).with_name("log4j2.properties")
    own = {**_PLAIN, "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={log.as_uri()}"}
    if not {"SPARK_CONF_DIR", "SPARK_HOME", "SPARK_DRIVER_MEMORY", "PYSPARK_SUBMIT_ARGS"} & os.environ.keys():
        own["spark.driver.memory"] = _DRIVER_MEMORY
    return own


def _is_running() -> bool:
    """Say whether there is a session, or a Java that `spark-submit` has started."""
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession() is not None or "PYSPARK_GATEWAY_PORT" in os.environ


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which(os.path.join(home, "bin", "java") if home else "java"))  # noqa: PTH118 - `which` takes text


def is_spark_error(error: BaseException) -> bool:
    """Say whether an error comes from Spark or from what it runs on."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return isinstance(error, PySparkException | Py4JError)


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, without what Java adds to it."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:300]


class OnSpark:
    """Tables and views of one run. `folder` is a path or URL that the driver and every worker can write; the caller removes it.

    Raises:
        UsageError: what Spark says of a statement that it cannot run.
    """

    def __init__(
        self,
        session: SparkSession,
        folder: str,
        schema: str = "main",
        views: dict[tuple[str, str], str] | None = None,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self.session, self.folder, self._schema = session, folder.rstrip("/"), schema
        self._views = {} if views is None else views
        self._numbers = numbers or count(1)

    def within(self, schema: str) -> OnSpark:
        """Return the same tables with another schema for unqualified names."""
        return OnSpark(self.session, self.folder, schema, self._views, self._numbers)

    def make(self, name: str, query: exp.Query | Closure) -> None:
        """Make (or replace) a table."""
        if isinstance(query, Closure):
            self.put(name, self._reached(query))
        else:
            self.put(name, self.kept(self.frame(query)))

    def view(self, name: str, query: exp.Query) -> None:
        """Make (or replace) a view."""
        self.put(name, self.frame(query))

    def stage(self, name: str, query: exp.Query) -> None:
        """Make (or replace) a table whose columns many queries read: Spark would work them out for each again.

        Yes and no stand in single bits, many to a column: a file of some hundred columns takes longer to write than to work out.
        """
        frame = self.frame(query)
        packed, unpacked = bits_of(frame.dtypes)
        self.put(name, self.kept(frame.selectExpr(*packed)).selectExpr(*unpacked))

    def unpushed(self, name: str, query: exp.Query) -> None:
        """Make (or replace) a table."""
        self.make(name, query)

    def gather(self, name: str, columns: Mapping[str, str], queries: Iterable[exp.Query]) -> None:
        """Make (or replace) a table of the rows of all queries."""
        schema = ", ".join(f"`{one}` {type_name(kind)}" for one, kind in columns.items())
        whole = self.session.createDataFrame([], schema)
        for query in queries:
            whole = whole.unionAll(self.frame(query).toDF(*columns))
        self.put(name, self.kept(whole))

    def lookup(self, name: str, query: exp.Query, parameters: Mapping[str, Any] | None = None) -> None:
        """Make (or replace) a small table from a query that reads no other table; DuckDB runs it on the driver."""
        import duckdb

        local = Embedded(duckdb.connect())
        local.lookup("made", query, parameters)
        self._upload(name, local)

    def fill(self, name: str, columns: Mapping[str, str], values: list[list[Any]]) -> None:
        """Make (or replace) a small table of values."""
        import duckdb

        local = Embedded(duckdb.connect())
        local.fill("made", columns, values)
        self._upload(name, local)

    def rows(self, query: exp.Query) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        return [tuple(row) for row in self.frame(query).collect()]

    def columns(self, name: str) -> tuple[str, ...]:
        """Return the names of the columns of a table or view."""
        return tuple(self.table(name).columns)

    def rename_view(self, name: str, to: str) -> None:
        """Give a view another name."""
        self._views[self._key(to)] = self._views.pop(self._key(name))

    def put(self, name: str, frame: DataFrame) -> None:
        """Let a name stand for a DataFrame."""
        view = f"t{next(self._numbers)}_{id(self._views):x}"
        frame.createOrReplaceTempView(view)
        self._views[self._key(name)] = view

    def table(self, name: str) -> DataFrame:
        """Return what a name stands for."""
        return self.session.table(self._views[self._key(name)])

    def frame(self, query: exp.Query) -> DataFrame:
        """Return a query over the tables by name as a DataFrame."""
        return self.session.sql(spark_sql(query, self._resolve))

    def kept(self, frame: DataFrame) -> DataFrame:
        """Run a DataFrame once, and return it as it was written."""
        path = f"{self.folder}/{next(self._numbers)}"
        frame.write.parquet(path)
        return self.session.read.schema(frame.schema).parquet(path)

    def local(self) -> bool:
        """Say whether the workers are this process's machine, so that they see its files."""
        return str(self.session.sparkContext.master).startswith("local")

    def files(self, path: str) -> list[tuple[str, int]]:
        """Return the files at a path, in a folder or under an address that Spark reads: address and bytes, in order of address.

        Raises:
            InputError: there is none.
        """
        from pyspark.errors import PySparkException

        try:
            found = self._binary([path]).select("path", "length").collect()
        except PySparkException as error:
            why = "there is no such file" if "PATH_NOT_FOUND" in str(error) else f"cannot be read: {first_line(error)}"
            raise InputError(path, why) from None
        for empty in Folders(self.session).empty_files(path):
            raise InputError(empty, "the file is empty")
        if not found:
            raise InputError(path, "the folder holds no files")
        return sorted((str(row[0]), int(row[1])) for row in found)

    def contents(self, numbers: Mapping[str, int], *, columns: Sequence[str] = ("number", "content")) -> DataFrame:
        """Return files by address as rows of their `number`, and what else is asked for of `length`, `content`, `sha256`."""
        from pyspark.sql import functions

        read = self._binary(list(numbers)).withColumn("sha256", functions.sha2("content", 256))
        known = self.session.createDataFrame(list(numbers.items()), "path string, number int")
        return read.join(functions.broadcast(known), "path").select(*columns)

    def listed(self, numbers: Iterable[int]) -> DataFrame:
        """Return numbers as rows of one column `number`, each a task of its own."""
        rows = [(number,) for number in numbers]
        return self.session.createDataFrame(rows, "number int").repartition(
            min(max(1, len(rows)), _MOST_TASKS), "number"
        )

    def parquet(self, numbers: Mapping[str, int]) -> DataFrame:
        """Return the rows of Parquet files: `file_no`, `row` (from 1), and their columns as `c0`, `c1`, ...

        Raises:
            InputError: they cannot be read as one table.
        """
        from pyspark.errors import PySparkException
        from pyspark.sql import functions

        try:
            read = self.session.read.option("mergeSchema", "true").parquet(*numbers)
        except PySparkException as error:
            raise InputError(next(iter(numbers)), f"cannot be read as Parquet: {first_line(error)}") from None
        place = [
            functions.col("_metadata.file_path").alias("path"),
            (functions.col("_metadata.row_index") + 1).alias("row"),
        ]
        cells = [functions.col(quoted(name)).alias(f"c{at}") for at, name in enumerate(read.columns)]
        known = self.session.createDataFrame(list(numbers.items()), "path string, file_no int")
        # A row whose file is not among those that were listed must not go unnoticed.
        unlisted = functions.raise_error(
            functions.concat(functions.lit("rows of a file that was not listed: "), "path")
        )
        numbered = functions.coalesce("file_no", unlisted.cast("int")).alias("file_no")
        joined = read.select(*place, *cells).join(functions.broadcast(known), "path", "left")
        return joined.select(numbered, "row", *(f"c{at}" for at in range(len(cells))))

    def parquet_columns(self, numbers: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
        """Return the columns of Parquet files, and their types as DuckDB calls them."""
        names = self.session.read.option("mergeSchema", "true").parquet(*numbers).columns
        import duckdb

        empty = self.parquet(numbers).limit(0).toArrow()
        with duckdb.connect() as local:
            local.register("empty", empty)
            types = {str(row[0]): str(row[1]) for row in local.execute("DESCRIBE SELECT * FROM empty").fetchall()}
        return tuple((name, types[f"c{at}"]) for at, name in enumerate(names))

    def spread(self, frame: DataFrame, work: Callable[..., Any], shape: Mapping[str, str]) -> DataFrame:
        """Let the workers turn the Arrow batches of each partition into others; `shape` gives their columns and DuckDB's types."""
        schema = ", ".join(f"`{name}` {type_name(kind)}" for name, kind in shape.items())
        return frame.mapInArrow(work, schema)

    def _binary(self, paths: list[str]) -> DataFrame:
        return self.session.read.format("binaryFile").option("recursiveFileLookup", "true").load(paths)

    def _reached(self, closure: Closure) -> DataFrame:
        """Go on from what was reached last until nothing new is found."""
        newest = self.kept(self.frame(closure.first).distinct())
        parts = [newest]
        while not newest.isEmpty():
            step = OnSpark(self.session, self.folder, self._schema, dict(self._views), self._numbers)
            step.put(closure.name, newest)
            found = step.frame(closure.following).distinct()
            known = parts[0]
            for part in parts[1:]:
                known = known.unionAll(part)
            newest = self.kept(found.join(known, on=list(found.columns), how="left_anti"))
            parts.append(newest)
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.unionAll(part)
        return whole

    def copy(self, name: str, table: pa.Table) -> None:
        """Make (or replace) a table of an Arrow table."""
        self.put(name, self.kept(self.session.createDataFrame(table)))

    def _upload(self, name: str, local: Embedded) -> None:
        made: pa.Table = local.connection.sql("SELECT * FROM made").to_arrow_table()
        self.put(name, self.session.createDataFrame(made))

    def _key(self, name: str) -> tuple[str, str]:
        table = named(name)
        return table.db or self._schema, table.name

    def _resolve(self, schema: str, name: str) -> str | None:
        if schema and schema not in SCHEMAS:
            return None
        return self._views.get((schema or self._schema, name))


@contextmanager
def on_this_machine(cores: int = 2) -> Iterator[OnSpark]:
    """Give an empty database on a Spark in this process, for small tables; what it kept is removed afterwards.

    Raises:
        UsageError: see `connect`.
    """
    session = connect(f"local[{cores}]", {"spark.sql.shuffle.partitions": "1"})
    with TemporaryDirectory(prefix="finra-rules-", ignore_cleanup_errors=True) as folder:
        yield OnSpark(session, folder)
