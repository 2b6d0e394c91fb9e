#!/usr/bin/env python3
"""What users might write instead, with PyYAML (C loader), Jinja2, jsonschema-rs: the same empty plan, no output."""
import csv, hashlib, json, sys
from pathlib import Path
import jinja2, jsonschema_rs, yaml


def merged(presets, choice):
    if isinstance(choice, str):
        return merged(presets, presets[choice])
    below = merged(presets, choice["use"]) if "use" in choice else {}
    for key, value in choice.items():
        if key == "use":
            continue
        both = isinstance(value, dict) and isinstance(below.get(key), dict)
        below = {**below, key: {**below[key], **value} if both else value}
    return below


def main(folder):
    schema = json.loads((Path(__file__).parent / "../../schema/callsheet.schema.json").read_text())
    validator = jsonschema_rs.validator_for(schema)
    takes = {}
    lock = folder / "callsheet.lock"
    if lock.exists():
        with lock.open() as lines:
            next(lines)
            for line in lines:
                take = json.loads(line)
                takes[take["digest"]] = take

    def load(path):
        with path.open("rb") as file:
            tree = yaml.load(file, Loader=yaml.CSafeLoader)
        validator.validate(tree)
        return tree

    root = load(folder / "callsheet.yaml")
    files = [root] + ([load(path) for path in sorted((folder / "videos").glob("*.yaml"))] if "include" in root else [])
    engine = jinja2.Environment(undefined=jinja2.StrictUndefined)
    variables, defaults = root["vars"], root["defaults"]
    resolved, missing = {}, 0

    def pick(video, field, presets):
        choice = video.get(field, defaults[field])
        if not isinstance(choice, str):
            return merged(root[presets], choice)
        if (field, choice) not in resolved:
            resolved[field, choice] = merged(root[presets], choice)
        return resolved[field, choice]

    def decide(video, key, text):
        voice = pick(video, "voice", "voices")
        spec = {
            "avatar": pick(video, "avatar", "avatars"),
            "voice": {"tts": {**voice["tts"], "text": text}},
            "background": pick(video, "background", "backgrounds"),
        }
        canonical = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        take = takes.get("v1:" + hashlib.sha256(canonical.encode()).hexdigest()[:32])
        return take is None or take["key"] != key

    for file in files:
        for key, video in (file.get("videos") or {}).items():
            script = video["script"]
            if "rows" in video:
                rows = video["rows"]
                template, when, ident = (engine.from_string(text) for text in (script, rows["when"], rows["key"]))
                with (folder / rows["path"]).open(newline="") as data:
                    for row in csv.DictReader(data):
                        if when.render(row=row, vars=variables) != "yes":
                            continue
                        name = f"{key}[{ident.render(row=row, vars=variables)}]"
                        missing += decide(video, name, template.render(row=row, vars=variables))
            else:
                text = engine.from_string(script).render(vars=variables)
                missing += decide(video, key, text)
    print(missing, "to submit")


main(Path(sys.argv[1]))
