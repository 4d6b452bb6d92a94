"""Folders and files where Spark writes, by the file systems of Hadoop that it has loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


class Folders:
    """Folders and files where Spark writes: local ones, or at an address that Hadoop's file systems know."""

    def __init__(self, session: SparkSession) -> None:
        context: Any = session.sparkContext
        self._hadoop, self._settings = context._jvm.org.apache.hadoop.fs, context._jsc.hadoopConfiguration()  # noqa: SLF001 - there is no other way

    def names(self, path: str) -> list[str] | None:
        """Return the names in a folder, None if there is no such folder."""
        system, place = self._at(path)
        if not system.exists(place):
            return None
        return sorted(str(one.getPath().getName()) for one in system.listStatus(place))

    def empty_files(self, path: str) -> Iterator[str]:
        """Yield the files without content at a path or below it, those aside that Spark takes for hidden; nothing of a pattern."""
        system, place = self._at(path)
        if not system.exists(place):
            return
        if not system.getFileStatus(place).isDirectory():
            if not system.getFileStatus(place).getLen():
                yield path
            return
        listed = system.listFiles(place, True)
        while listed.hasNext():
            one = listed.next()
            if not one.getLen() and not str(one.getPath().getName()).startswith((".", "_")):
                yield str(one.getPath())

    def is_file(self, path: str) -> bool:
        """Say whether there is a file at a path."""
        system, place = self._at(path)
        return bool(system.exists(place) and not system.getFileStatus(place).isDirectory())

    def remove(self, path: str) -> None:
        """Remove a folder and what it holds, if it is there."""
        system, place = self._at(path)
        system.delete(place, True)

    def rename(self, path: str, to: str) -> None:
        """Give a folder another name in the same place; raises OSError if that fails."""
        system, place = self._at(path)
        if not system.rename(place, self._hadoop.Path(to)):
            raise OSError(f"{path} cannot be renamed to {to}")

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        system, place = self._at(path)
        stream = system.create(place, True)
        try:
            stream.write(bytearray(text.encode()))
        finally:
            stream.close()

    def read(self, path: str) -> str:
        """Return the text of a file."""
        system, place = self._at(path)
        size = system.getFileStatus(place).getLen()
        stream = system.open(place)
        try:
            return bytes(stream.readNBytes(int(size))).decode()
        finally:
            stream.close()

    def _at(self, path: str) -> tuple[Any, Any]:
        place = self._hadoop.Path(path)
        return place.getFileSystem(self._settings), place
