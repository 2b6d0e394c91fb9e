// Compares three validators: ajv and check-jsonschema use the published schema, callsheet its own rules.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

import Ajv from 'ajv';
import { parse, stringify } from 'yaml';

import { documents } from './lib/documents.mjs';
import { binary, published } from './lib/schemas.mjs';

/** Number of documents per verdict. */
const COUNT = 120;

/** Keywords for editors, which do not constrain a document. */
const EDITORS = [
  'markdownDescription', 'enumDescriptions', 'markdownEnumDescriptions', 'defaultSnippets', 'errorMessage', 'patternErrorMessage', 'doNotSuggest',
];

/** callsheet's codes for errors that the schema finds too. The others are about presets, templates and specs. */
const OF_THE_SCHEMA = [
  'unknown-field', 'null-value', 'unknown-value', 'vendor-number', 'out-of-range', 'bad-color', 'bad-key',
  'unsupported-version', 'bad-guard',
];

/** Codes that callsheet also reports for errors outside the schema. Their messages distinguish the two. */
const BY_WORDS = {
  'missing-field': / lacks `/,
  'wrong-type': /^(?!.* which is not a version requirement$)/,
  'bad-matrix': / is empty$/,
  'bad-environment': / must be a length of time, not `.*`$/,
};

const isOfTheSchema = ({ code, message }) => OF_THE_SCHEMA.includes(code) || BY_WORDS[code]?.test(message);

describe('the verdicts of all judges', () => {
  let schema;
  let ajv;
  let all;
  let folder;
  before(async () => {
    schema = await published();
    const judge = new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false, allErrors: true });
    judge.addVocabulary(EDITORS);
    ajv = judge.compile(JSON.parse(readFileSync(schema, 'utf8')));
    folder = mkdtempSync(path.join(tmpdir(), 'callsheet-judges-'));
    all = documents(COUNT, (value) => ajv(value)).map((one, index) => {
      const project = path.join(folder, String(index));
      const file = path.join(project, 'callsheet.yaml');
      // Every second document is in flow style, which is JSON.
      const text = index % 2 ? JSON.stringify(one.value) : stringify(one.value);
      mkdirSync(project);
      writeFileSync(file, text);
      return { ...one, index, project, file, valid: index < COUNT };
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('ajv, in strict mode, of what YAML makes of the files', () => {
    assert.equal(all.length, 2 * COUNT);
    for (const { name, file, valid } of all) assert.equal(ajv(parse(readFileSync(file, 'utf8'))), valid, name);
  });

  test('callsheet validate', () => {
    const wrong = [];
    for (const { name, project, valid } of all) {
      const done = spawnSync(binary(), ['-C', project, 'validate', '--format', 'json'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
      const { diagnostics } = JSON.parse(done.stdout);
      const found = diagnostics.filter(isOfTheSchema);
      if ((found.length === 0) !== valid) wrong.push({ name, valid, said: diagnostics.map(({ code, message }) => `${code}: ${message}`) });
    }
    assert.deepEqual(wrong, []);
  });

  const judge = process.env.CHECK_JSONSCHEMA ?? 'check-jsonschema';
  const there = spawnSync(judge, ['--version']).status === 0;
  if (!there) console.error(`NOT CHECKED: check-jsonschema is not installed (CHECK_JSONSCHEMA names it): one of three judges is missing`);
  test('check-jsonschema', { skip: !there && 'it is not installed' }, () => {
    execFileSync(judge, ['--check-metaschema', schema]);
    const files = all.map(({ file }) => file);
    const done = spawnSync(judge, ['--schemafile', schema, '--output-format', 'json', ...files], { encoding: 'utf8', maxBuffer: 2 ** 28 });
    const { errors, parse_errors: unread } = JSON.parse(done.stdout);
    assert.deepEqual(unread, []);
    const refused = new Set(errors.map(({ filename }) => filename));
    const wrong = all.filter(({ file, valid }) => refused.has(file) === valid).map(({ name, valid }) => ({ name, valid }));
    assert.deepEqual(wrong, []);
  });
});
