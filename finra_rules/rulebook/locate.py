"""Where rule sets and mappings are: one locator for a checkout, an editable install and an installed wheel.

Nothing here reads the environment or a rule file; the folder is found from the package's own place alone.
"""

from __future__ import annotations

from pathlib import Path

from finra_rules.model.errors import RulesetError
from finra_rules.rulebook.hints import near_miss, quoted

RULESET_FILE = "ruleset.yaml"
DEFAULT_RULES = ("finra",)
PACKAGE = Path(__file__).resolve().parent.parent


def rulesets_dir(package: Path | None = None) -> Path:
    """Return the folder of the shipped rule sets.

    A wheel carries them as ``finra_rules/_rulesets``; in a checkout or an editable install ``rulesets/`` stands
    beside the package. The wheel's place is tried first: ``rulesets`` beside an installed package would be somebody
    else's folder.

    Raises:
        RulesetError: neither is there.

    """
    package = package or PACKAGE
    for folder in (package / "_rulesets", package.parent / "rulesets"):
        if folder.is_dir():
            return folder
    raise RulesetError("the shipped rule sets are missing; install finra-rules again", file=str(package))


def mappings_dir(package: Path | None = None) -> Path:
    """Return the folder of the shipped column mappings (it may not exist).

    Raises RulesetError as `rulesets_dir` does.
    """
    return rulesets_dir(package) / "mappings"


def shipped(package: Path | None = None) -> dict[str, Path]:
    """Return the shipped rule sets by name, in order of name; raises RulesetError as `rulesets_dir` does."""
    folders = sorted(rulesets_dir(package).iterdir())
    return {folder.name: folder for folder in folders if (folder / RULESET_FILE).is_file()}


def ruleset_dir(name: str | Path, package: Path | None = None) -> Path:
    """Return the folder of a rule set.

    `name` is the name of a shipped one, or a path to a folder that holds ``ruleset.yaml``.

    A shipped name wins over a folder of the same name in the current directory, so that the same command means the
    same everywhere; write ``./finra`` for the folder.

    Raises:
        RulesetError: there is no such rule set; the message lists the shipped ones.

    """
    known = shipped(package)
    if isinstance(name, str) and name in known:
        return known[name]
    folder = Path(name)
    try:
        is_dir, is_ruleset = folder.is_dir(), (folder / RULESET_FILE).is_file()
    except (OSError, ValueError):  # a name no file system takes: too long, or with a NUL
        is_dir, is_ruleset = False, False
    if is_ruleset:
        return folder
    if is_dir:
        raise RulesetError(f"the folder holds no {RULESET_FILE}, so it is not a rule set", file=str(folder))
    names = ", ".join(known) or "none"
    raise RulesetError(
        f"rule set {quoted(name)} is neither a shipped one ({names}) nor a folder{near_miss(name, known, most=0)}"
    )


def base_dir(folder: Path, base: str) -> Path:
    """Return the folder of the rule set `base` that the one in `folder` builds on: beside it, else a shipped one.

    Raises RulesetError as `ruleset_dir` does.
    """
    beside = folder.resolve().parent / base
    return beside if (beside / RULESET_FILE).is_file() else ruleset_dir(base)
