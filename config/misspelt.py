"""Names in the environment that look like a setting of ours and are none: nobody else would say that they do nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from config.settings import Settings

LIKE = 0.85
"""How like a setting's a name must be: difflib's ratio, of at most 1."""
MOST_MORE = 2
"""Characters that it may have more or less: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is a setting of somebody else's."""


class _Asked(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env, self.names = env, set[str]()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self._env[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._env)

    def __len__(self) -> int:
        return len(self._env)


def misspelt(env: Mapping[str, str]) -> dict[str, str]:
    """Each name that nobody reads, with the setting that it was probably meant to be.

    Raises: ConfigError, as Settings.load does.
    """
    asked = _Asked(env)
    Settings.load(asked)
    settings = {name.lower(): name for name in asked.names}
    found = {}
    for name in sorted(set(env) - asked.names):
        near = [other for other in settings if abs(len(other) - len(name)) <= MOST_MORE]
        if like := difflib.get_close_matches(name.lower(), near, 1, LIKE):
            found[name] = settings[like[0]]
    return found
