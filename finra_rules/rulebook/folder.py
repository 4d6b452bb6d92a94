"""A rule set's folder: its documents, read and checked for shape, with its content hash.

Names between documents are resolved elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from finra_rules.model.errors import RulesetError
from finra_rules.rulebook.book import RuleSet
from finra_rules.rulebook.documents import AnyDocument, DefinitionDocument, RuleDocument, RulesetDocument
from finra_rules.rulebook.hints import near_miss, quoted
from finra_rules.rulebook.listing import CASES_SUFFIX, content_hash, yaml_files
from finra_rules.rulebook.locate import RULESET_FILE, base_dir, ruleset_dir
from finra_rules.rulebook.source import Source, parse_source, read_bytes
from finra_rules.rulebook.validate import document


@dataclass(frozen=True, slots=True)
class Loaded:
    """One document with the file it was read from.

    `file` is relative to the rule set and begins with the rule set's id.
    """

    document: AnyDocument
    source: Source
    ruleset: RuleSet
    file: str

    @property
    def is_firm(self) -> bool:
        """Say whether it stands in a firm's own rule set."""
        return self.ruleset.authority == "firm"


@dataclass(frozen=True, slots=True)
class Folder:
    """A rule set as read from `path`.

    All documents but ``ruleset.yaml`` in order of file, and the paths of its case files.
    """

    path: Path
    ruleset: RuleSet
    head: Source
    documents: tuple[Loaded, ...]
    case_files: tuple[Path, ...]


def read_folders(names: Sequence[str | Path]) -> tuple[Folder, ...]:
    """Return the rule sets named and those that they build on, each after the ones it builds on.

    Raises:
        RulesetError: one cannot be found or read, two have the same id, or they build on each other in a circle.

    """
    found: dict[str, Folder] = {}
    for name in names:
        _add(read_folder(ruleset_dir(name)), found)
    waiting = list(found.values())
    while waiting:
        folder = waiting.pop()
        for position, base in enumerate(folder.ruleset.builds_on):
            if base not in found:
                waiting.append(_base(folder, base, position))
                _add(waiting[-1], found)
    return _in_order(found)


def read_folder(path: Path) -> Folder:
    """Return the rule set in the folder `path`.

    Raises RulesetError for the first file (in order of name) that cannot be used.
    """
    names = yaml_files(path)
    contents = {name: read_bytes(path / name) for name in names if not name.endswith(CASES_SUFFIX)}
    head = parse_source(contents[RULESET_FILE], str(path / RULESET_FILE))
    shape = document(head)
    if not isinstance(shape, RulesetDocument):
        raise head.error(("kind",), f"{RULESET_FILE} must be of kind ruleset")
    ruleset = RuleSet(
        id=shape.id,
        title=shape.title,
        version=shape.version,
        authority=shape.authority,
        notice=shape.notice.strip(),
        content_hash=content_hash(contents),
        builds_on=tuple(shape.builds_on),
    )
    documents = tuple(_loaded(path, name, contents[name], ruleset) for name in contents if name != RULESET_FILE)
    case_files = tuple(path / name for name in names if name.endswith(CASES_SUFFIX))
    return Folder(path, ruleset, head, documents, case_files)


def _loaded(path: Path, name: str, content: bytes, ruleset: RuleSet) -> Loaded:
    source = parse_source(content, str(path / name))
    shape = document(source)
    if isinstance(shape, RulesetDocument):
        raise source.error(("kind",), f"a rule set has one document of kind ruleset, in {RULESET_FILE} at its top")
    stem = name.rpartition("/")[2].removesuffix(".yaml")
    wanted = [shape.id]
    if isinstance(shape, RuleDocument):
        wanted = [f"{shape.id}-{shape.name}"]
    elif isinstance(shape, DefinitionDocument):
        wanted = [shape.id, shape.name, f"{shape.id}-{shape.name}"]
    if stem not in wanted:
        raise source.error(("id",), f"the file is named {quoted(stem)}; by its id it must be named {wanted[-1]}.yaml")
    return Loaded(shape, source, ruleset, f"{ruleset.id}/{name}")


def _add(folder: Folder, found: dict[str, Folder]) -> None:
    same = found.get(folder.ruleset.id)
    if same and same.path.resolve() != folder.path.resolve():
        raise folder.head.error(("id",), f"the rule set {folder.ruleset.id} is there twice, also in {same.path}")
    found[folder.ruleset.id] = same or folder


def _base(folder: Folder, base: str, position: int) -> Folder:
    """Return the rule set `base` that `folder` builds on."""
    place = ("builds_on", position)
    try:
        path = base_dir(folder.path, base)
    except RulesetError as error:
        raise folder.head.error(place, f"builds on {base}, which is not there: {error.reason}") from None
    found = read_folder(path)
    if found.ruleset.id != base:
        hint = near_miss(base, [found.ruleset.id])
        raise folder.head.error(place, f"builds on {base}, but the id in {path} is {found.ruleset.id}{hint}")
    return found


def _in_order(found: dict[str, Folder]) -> tuple[Folder, ...]:
    done: dict[str, Folder] = {}

    def visit(folder: Folder, above: tuple[str, ...]) -> None:
        name = folder.ruleset.id
        if name in above:
            circle = " -> ".join((*above[above.index(name) :], name))
            raise folder.head.error(("builds_on",), f"rule sets build on each other in a circle: {circle}")
        if name not in done:
            for base in folder.ruleset.builds_on:
                visit(found[base], (*above, name))
            done[name] = folder

    for folder in found.values():
        visit(folder, ())
    return tuple(done.values())
