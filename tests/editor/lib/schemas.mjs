// The schemas under test: the published one in the repository, and the ones that the real binary writes for projects.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../..', import.meta.url));

/** Returns the path of the binary under test. */
export function binary() {
  const built = process.env.CALLSHEET_BIN ?? path.join(repository, 'target/debug/callsheet');
  if (!existsSync(built)) throw new Error(`${built} is not there: cargo build makes it, or name one by CALLSHEET_BIN`);
  return built;
}

/** Returns the schema that every project can use. */
export async function published() {
  return path.join(repository, 'schema/callsheet.schema.json');
}

/** Returns the schema that the binary writes for a copy of the project in `project/`. */
export async function project(catalogue = false) {
  const folder = mkdtempSync(path.join(tmpdir(), 'callsheet-project-'));
  cpSync(fileURLToPath(new URL('../project', import.meta.url)), folder, { recursive: true });
  if (catalogue) {
    mkdirSync(path.join(folder, '.callsheet'));
    renameSync(path.join(folder, 'catalog.json'), path.join(folder, '.callsheet/catalog.json'));
  }
  execFileSync(binary(), ['-C', folder, 'validate', '--quiet'], { stdio: ['ignore', 'inherit', 'inherit'] });
  return path.join(folder, '.callsheet/schema.json');
}

/** Returns the schema of the same project after `catalog sync`. */
export const catalogue = () => project(true);

/** Returns the schema of the first example, as the binary prints it. */
export async function quickstart() {
  const folder = mkdtempSync(path.join(tmpdir(), 'callsheet-quickstart-'));
  const file = path.join(folder, 'schema.json');
  writeFileSync(file, execFileSync(binary(), ['-C', path.join(repository, 'examples/quickstart'), 'schema', '--project']));
  return file;
}
