# SPDX-FileCopyrightText: 2026 The veredus authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads JSON that the program has written, and validates it by its schema."""

import functools
import json
import pathlib

import jsonschema

SCHEMA = pathlib.Path(__file__).parent.parent / "etc" / "veredus.schema.json"


@functools.lru_cache
def validator(kind):
    """Returns the validator for one kind of object, such as "report"."""
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert {"$ref": f"#/$defs/{kind}"} in schema.pop("anyOf")
    schema["$ref"] = f"#/$defs/{kind}"
    return jsonschema.Draft202012Validator(schema)


def objects(kind, text):
    """Returns the valid objects of a text that has one on each line."""
    found = [json.loads(line) for line in text.splitlines()]
    for item in found:
        validator(kind).validate(item)
    return found
