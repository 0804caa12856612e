#!/usr/bin/env python3
"""Makes tests/Causeway.Conformance.Tests/Answers/standard.json from the data of the Matrix specification.

usage: extract.py SPEC > standard.json

SPEC is a folder with data/api/client-server/*.yaml, data/event-schemas and endpoints.csv (who may call, which is not all
in the OpenAPI documents). For each endpoint of the Client-server API: who may call it, whether it may be limited, and for
each documented status the error codes named and the schema of the body. What only a person reads is left out; what is
referred to stands once, under "definitions". Needs python3-yaml.
"""
import csv
import glob
import json
import os
import re
import sys

import yaml

METHODS = ("get", "put", "post", "delete", "head", "options", "patch")
CODE = re.compile(r"\b(?:M|ORG_MATRIX)_[A-Z][A-Z0-9_]+\b")
KEPT = {
    "type", "properties", "required", "additionalProperties", "patternProperties", "items", "enum", "oneOf", "anyOf",
    "allOf", "format", "pattern", "maxLength", "propertyNames", "minProperties", "maxProperties",
}
SCHEMAS_BY_NAME = {"properties", "patternProperties"}
ANY_OBJECT = {"type": "object"}
LISTS_OF_SCHEMAS = {"oneOf", "anyOf", "allOf"}


class Spec:
    def __init__(self, folder):
        self.data = os.path.join(folder, "data")
        self.files = {}
        self.definitions = {}

    def load(self, path):
        if path not in self.files:
            with open(path, encoding="utf-8") as file:
                self.files[path] = yaml.safe_load(file)
        return self.files[path]

    def follow(self, reference, path):
        """The node a $ref leads to, and the file it stands in."""
        file, _, pointer = reference.partition("#")
        target = os.path.normpath(os.path.join(os.path.dirname(path), file)) if file else path
        node = self.load(target)
        for part in [p for p in pointer.split("/") if p]:
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node, target, pointer

    def schema(self, node, path):
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            target, file, pointer = self.follow(node["$ref"], path)
            name = os.path.relpath(file, self.data).removesuffix(".yaml") + ("#" + pointer if pointer else "")
            if name not in self.definitions:
                self.definitions[name] = {}
                self.definitions[name].update(self.schema(target, file))
            rest = self.schema({k: v for k, v in node.items() if k != "$ref"}, path)
            return {"$ref": name, **rest}
        made = {}
        for key, value in node.items():
            if key not in KEPT:
                continue
            if key in SCHEMAS_BY_NAME:
                made[key] = {name: self.schema(inner, path) for name, inner in value.items()}
            elif key in LISTS_OF_SCHEMAS:
                alternatives = [self.schema(inner, path) for inner in value]
                # "Exactly one" cannot be meant where one of the alternatives is any object at all.
                made["anyOf" if key == "oneOf" and ANY_OBJECT in alternatives else key] = alternatives
            elif key in ("items", "additionalProperties", "propertyNames"):
                made[key] = self.schema(value, path)
            else:
                made[key] = value
        return made

    def response(self, node, path):
        if "$ref" in node:
            node, path, _ = self.follow(node["$ref"], path)
        made = {}
        codes = set(CODE.findall(json.dumps(self.text_of(node, path))))
        if codes:
            made["codes"] = sorted(codes)
        content = node.get("content") or {}
        if "application/json" in content:
            made["schema"] = self.schema(content["application/json"].get("schema", {}), path)
        elif content:
            made["media"] = sorted(content)
        return made

    def text_of(self, node, path):
        """Description and examples: where the codes are named."""
        parts = [node.get("description", "")]
        for content in (node.get("content") or {}).values():
            schema = content.get("schema") or {}
            parts += [content.get("example"), schema.get("example")]
            for example in (content.get("examples") or {}).values():
                if "$ref" in example:
                    example, _, _ = self.follow(example["$ref"], path)
                parts.append(example.get("value"))
        return parts


def access(security):
    if not security:
        return "none"
    schemes = [name for way in security for name in way]
    if all("appservice" in name for name in schemes if name) and schemes:
        return "appservice"
    return "optional" if {} in security else "token"


def main(folder):
    spec = Spec(folder)
    with open(os.path.join(folder, "endpoints.csv"), encoding="utf-8") as file:
        rows = {(r["method"], r["path"]): r for r in csv.DictReader(file) if r["api"] == "client-server"}
    endpoints = []
    for path in sorted(glob.glob(os.path.join(spec.data, "api", "client-server", "*.yaml"))):
        document = spec.load(path)
        base = document["servers"][0].get("variables", {}).get("basePath", {}).get("default", "")
        for place, operations in document["paths"].items():
            for method, operation in operations.items():
                if method not in METHODS:
                    continue
                # Two operations on one path are told apart by a blank in the documents.
                full = (base + place).strip()
                row = rows.get((method.upper(), full), {})
                corrected = {"optional_access_token": "optional", "none": "none"}.get(row.get("auth"))
                answers = {str(s): spec.response(r, path) for s, r in operation["responses"].items()}
                endpoints.append({
                    "method": method.upper(),
                    "path": full,
                    "access": corrected or access(operation.get("security")),
                    "guest": row.get("guest") == "yes",
                    "limited": "429" in answers,
                    "deprecated": bool(operation.get("deprecated")),
                    "answers": answers,
                })
    endpoints.sort(key=lambda e: (e["path"], e["method"]))
    line = lambda value: json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    print('{"source":' + line("Matrix specification v1.19, Client-server API; Apache License 2.0, see NOTICE"))
    print(',"definitions":{')
    print(",\n".join(f"{line(name)}:{line(spec.definitions[name])}" for name in sorted(spec.definitions)))
    print('},"endpoints":[')
    print(",\n".join(line(endpoint) for endpoint in endpoints))
    print("]}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
