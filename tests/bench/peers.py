"""Writes the projects of the benchmarks as Jsonnet and as Terraform, from their manifests."""
import json, re
from pathlib import Path
import yaml


def videos(folder):
    root = yaml.load((folder / "callsheet.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    for path in sorted((folder / "videos").glob("*.yaml")):
        for key, video in yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)["videos"].items():
            yield root, key, {**root["defaults"], **video}


def jsonnet(folder):
    """Returns a program that prints all specs as JSON. Jsonnet itself resolves presets, merges and texts."""
    def preset(shelf, value):
        if isinstance(value, str):
            return f"{shelf}[{json.dumps(value)}]"
        over = json.dumps({name: inner for name, inner in value.items() if name != "use"})
        return f"{shelf}[{json.dumps(value['use'])}] + {over}" if "use" in value else over

    def text(script):
        parts = re.split(r"\{\{\s*(vars\.[\w.]+)\s*\}\}", script)
        return " + ".join(json.dumps(part) if at % 2 == 0 else part for at, part in enumerate(parts))

    head, lines = [], []
    for root, key, video in videos(folder):
        if not head:
            head.append(f"local vars = {json.dumps(root['vars'])};")
            for kind in ("avatars", "voices", "backgrounds"):
                shelf = ", ".join(f"{json.dumps(name)}: {preset('self', value)}" for name, value in root[kind].items())
                head.append(f"local {kind} = {{ {shelf} }};")
        voice = f"{preset('voices', video['voice'])} + {{ tts+: {{ text: {text(video['script'])} }} }}"
        lines.append(
            f"{json.dumps(key)}: {{ aspect: {json.dumps(video['aspect'])}, avatar: {preset('avatars', video['avatar'])}, "
            f"voice: {voice}, background: {preset('backgrounds', video['background'])} }},")
    return "\n".join(head + ["{", *lines, "}"]) + "\n"


def terraform_yaml(folder):
    """Returns a `terraform_data` resource with `for_each` over the manifests themselves, with presets merged in."""
    merged = lambda kind: f'try(local.root.{kind}[each.value.{kind[:-1]}], each.value.{kind[:-1]})'
    return f"""locals {{
  root   = yamldecode(file("{folder}/callsheet.yaml"))
  parts  = [for file in fileset("{folder}", "videos/*.yaml") : yamldecode(file("{folder}/${{file}}")).videos]
  videos = {{ for key, video in merge(local.parts...) : key => merge(local.root.defaults, video) }}
}}
resource "terraform_data" "video" {{
  for_each = local.videos
  input = jsonencode({{
    aspect = each.value.aspect
    avatar = {merged("avatars")}
    voice  = {merged("voices")}
    script = replace(replace(each.value.script, "{{{{ vars.product }}}}", local.root.vars.product), "{{{{ vars.greeting.en }}}}", local.root.vars.greeting.en)
  }})
}}
"""


def terraform(folder):
    """Returns a `terraform_data` resource per video with its content, or one with `for_each` over the active rows."""
    quoted = lambda text: json.dumps(text).replace("${", "$${").replace("%{", "%%{")
    root = yaml.load((folder / "callsheet.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    for video in (root.get("videos") or {}).values():
        script = re.sub(r"\{\{\s*row\.(\w+)\s*\}\}", r"${each.value.\1}", quoted(video["script"]))
        return f"""resource "terraform_data" "video" {{
  for_each = {{ for row in csvdecode(file("{folder / video['rows']['path']}")) : row.id => row if row.active == "yes" }}
  input = {{ presets = {quoted(json.dumps({kind: root[kind] for kind in ('avatars', 'voices', 'defaults')}))}, script = {script} }}
}}
"""
    return "\n".join(
        f'resource "terraform_data" "{key}" {{\n  input = {quoted(json.dumps(video))}\n}}\n' for _, key, video in videos(folder))
