"""A rulebook from the cache, where the same files gave it before: without YAML, without checks that were made then.

A rulebook is kept under the fingerprint of the rule sets that were named. What those build on is listed with it, each with its content
hash, and looked up anew every time. So a file that was changed, added or removed is never hidden by what was kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from finra_rules.model.errors import RulesetError
from finra_rules.rulebook import cache_files
from finra_rules.rulebook.codec import decode, encode
from finra_rules.rulebook.fingerprint import fingerprint
from finra_rules.rulebook.listing import hash_of
from finra_rules.rulebook.locate import DEFAULT_RULES, base_dir, ruleset_dir

if TYPE_CHECKING:
    from finra_rules.rulebook.book import Rulebook
    from finra_rules.rulebook.folder import Folder

FORM = 2
"""The number of the form in which rulebooks are kept: to be raised when it changes."""
_Base = list[str | None]
"""Who builds on what, where that was found and what it held: folder, id, folder, content hash (None twice: not there)."""


def cached_rulebook(
    names: Sequence[str | Path] = DEFAULT_RULES,
    overrides: Mapping[str, str] | None = None,
    *,
    directory: Path | None = None,
) -> Rulebook:
    """Return what `load_rulebook` returns, from the cache where it can.

    Args:
        names: names of shipped rule sets, or folders that hold a ``ruleset.yaml``.
        overrides: parameters to replace on all dates, as ``--set`` gives them.
        directory: where the cache is; None = as the environment says, which may be nowhere.

    Raises as `load_rulebook` does, and nothing else: a cache that is damaged, or cannot be written, is done without.

    """
    place = directory or cache_files.cache_dir()
    if place is None:
        return _load(names, overrides)
    try:
        folders = [ruleset_dir(name) for name in names]
        key = fingerprint([(one.resolve(), hash_of(one)) for one in folders], overrides or {}, FORM)
    except (OSError, RulesetError):
        return _load(names, overrides)  # which says what is wrong
    return _kept(place, key) or _load(names, overrides, place)


def _kept(place: Path, key: str) -> Rulebook | None:
    data = cache_files.read(place, key)
    try:
        bases, nodes = data["bases"], data["nodes"]
        if all(_same(one) for one in bases):
            return decode(nodes)
    except (LookupError, TypeError, ValueError, OSError, RulesetError):
        pass
    return None


def _same(base: _Base) -> bool:
    return _base(Path(str(base[0])), str(base[1])) == base


def _base(folder: Path, wanted: str) -> _Base:
    try:
        found = base_dir(folder, wanted)
    except RulesetError:
        return [str(folder), wanted, None, None]
    return [str(folder), wanted, str(found.resolve()), hash_of(found)]


def _load(names: Sequence[str | Path], overrides: Mapping[str, str] | None, place: Path | None = None) -> Rulebook:
    """Return the rulebook from its files; it is kept in `place`, if one is given."""
    from finra_rules.rulebook.folder import read_folders
    from finra_rules.rulebook.load import rulebook_of

    folders = read_folders(names)
    rulebook = rulebook_of(folders, overrides)
    if place is not None:
        _keep(place, names, overrides or {}, folders, rulebook)
    return rulebook


def _keep(
    place: Path,
    names: Sequence[str | Path],
    overrides: Mapping[str, str],
    folders: Sequence[Folder],
    rulebook: Rulebook,
) -> None:
    """Keep a rulebook under what was read; if files were changed meanwhile, the hashes of what was read say so."""
    places = {folder.ruleset.id: folder.path.resolve() for folder in folders}
    hashes = {places[folder.ruleset.id]: folder.ruleset.content_hash for folder in folders}
    try:
        named = [ruleset_dir(name).resolve() for name in names]
        key = fingerprint([(path, hashes[path]) for path in named], overrides, FORM)
        bases = [_base(folder.path.resolve(), base) for folder in folders for base in folder.ruleset.builds_on]
    except (OSError, LookupError, RulesetError):
        return
    for _, base, found, content in bases:
        read = places[str(base)]
        if read not in named and (found, content) != (str(read), hashes[read]):
            return
    cache_files.write(place, key, {"bases": bases, "nodes": encode(rulebook)})
