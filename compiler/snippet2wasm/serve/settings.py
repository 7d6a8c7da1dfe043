"""The plugin's configuration: values from a file, test values for the rest."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from snippet2wasm.serve.plugin import Facts, Field, UnitFacts

_SECRET_BYTES = 16  # 32 hexadecimal digits: as long as an AES-256 key


class SettingsError(Exception):
    """The file with the configuration can't be read, or holds none."""


class Settings:
    """Makes configurations; a value that was generated once stays the same."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self._generated: dict[tuple[str, str], str | float | bool] = {}

    def configuration(self, facts: Facts) -> dict[str, Any]:
        """The configuration for a plugin: the file's, completed.

        A bundle's is {"units": [{"name", "match", "config"}, …]}.

        Raises:
            SettingsError: the file is no use. Whether its values are, the plugin itself decides.
        """
        given = {} if self.file is None else _read(self.file)
        if not facts.is_bundle:
            return self._completed(given, facts.units[0])
        entries = given.get("units", [{"name": unit.name, "match": list(unit.match)} for unit in facts.units])
        if not isinstance(entries, list):
            raise SettingsError(f"{self.file}: units must be a list: where each unit acts")
        units = {unit.name: unit for unit in facts.units}
        return {**given, "units": [self._entry(entry, units) for entry in entries]}

    def describe(self, facts: Facts, configuration: dict[str, Any]) -> list[str]:
        """A line for each value; a secret that the user gave is not shown."""
        if not facts.is_bundle:
            return self._lines("", facts.units[0], configuration)
        units = {unit.name: unit for unit in facts.units}
        lines = []
        for entry in configuration["units"]:
            unit = units.get(_unit_name(entry))
            if unit is not None and isinstance(entry.get("config"), dict):
                lines += self._lines(f"{entry.get('name')}: ", unit, entry["config"])
        return lines

    def _lines(self, prefix: str, unit: UnitFacts, configuration: dict[str, Any]) -> list[str]:
        lines = []
        fields = {field.key: field for field in unit.fields}
        for key, value in configuration.items():
            field = fields.get(key)
            if self._generated.get((unit.name, key)) is value:
                lines.append(f"{prefix}{key} = {json.dumps(value)} (generated for this run)")
            elif field is None or field.secret:
                lines.append(f"{prefix}{key} from {self.file}")
            else:
                lines.append(f"{prefix}{key} = {json.dumps(value)} from {self.file}")
        return lines

    def _entry(self, entry: Any, units: Mapping[str, UnitFacts]) -> Any:
        """An entry of a bundle's table with a complete `config`; what is no entry stays as it is."""
        unit = units.get(_unit_name(entry))
        if unit is None or not isinstance(entry.get("config", {}), dict):
            return entry
        config = self._completed(entry.get("config", {}), unit)
        return {**entry, **({"config": config} if config else {})}

    def _completed(self, given: Mapping[str, Any], unit: UnitFacts) -> dict[str, Any]:
        # A variable of the environment need not be there.
        missing = [field for field in unit.fields if field.key not in given and field.type != "string?"]
        return {**given, **{field.key: self._value(unit, field) for field in missing}}

    def _value(self, unit: UnitFacts, field: Field) -> str | float | bool:
        key = unit.name, field.key
        if key not in self._generated:
            values = {"number": 1, "boolean": True}
            self._generated[key] = values.get(field.type) or secrets.token_hex(_SECRET_BYTES)
        return self._generated[key]


def _unit_name(entry: Any) -> str:
    """The unit that an entry of a bundle's table names, "" if it names none."""
    name = entry.get("unit", entry.get("name")) if isinstance(entry, dict) else None
    return name if isinstance(name, str) else ""


def _read(file: Path) -> dict[str, Any]:
    """A mapping, from YAML or JSON (which is YAML)."""
    try:
        found = yaml.safe_load(file.read_text("utf-8"))
        json.dumps(found, allow_nan=False)
    except OSError as error:
        raise SettingsError(f"can't read {file}: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SettingsError(f"{file}:{line}: this is neither YAML nor JSON: {error.problem}") from None
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        # The text of such an error may quote a value, which may be a secret.
        raise SettingsError(f"{file} holds what JSON can't: {type(error).__name__}") from None
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise SettingsError(f"{file} must hold an object: the plugin's configuration")
    return found
