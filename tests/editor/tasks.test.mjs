// Every task of every page, on both server versions. CALLSHEET_UPDATE=1 rewrites the screens; read the diff.

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { catalogue, project, published, quickstart } from './lib/schemas.mjs';
import { screen } from './lib/screen.mjs';
import { Server, VERSIONS } from './lib/server.mjs';
import { page, tasks } from './lib/tasks.mjs';

const UPDATE = process.env.CALLSHEET_UPDATE === '1';
const ONLY = process.env.TASKS;

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const pages = (folder) => readdirSync(here(folder)).filter((file) => file.endsWith('.md')).map((file) => path.join(here(folder), file));

/** The schema of each set of pages, and the minimum number of tasks. */
const SUITES = [
  { name: 'published', schema: published, files: pages('tasks/published'), least: 60 },
  { name: 'project', schema: project, files: pages('tasks/project'), least: 20 },
  { name: 'catalogue', schema: catalogue, files: pages('tasks/catalogue'), least: 10 },
  { name: 'quickstart', schema: quickstart, files: [here('../../docs/editor.md')], least: 5 },
];

for (const { name, schema, files: every, least } of SUITES) {
  const files = every.filter((file) => !ONLY || file.includes(ONLY));

  describe(`the ${name} schema`, () => {
    let servers;
    let at;
    before(async () => {
      at = await schema();
      servers = await Promise.all(VERSIONS.map((version) => Server.start(version)));
    });
    after(() => Promise.all(servers.map((server) => server.stop())));

    for (const file of files) {
      const all = tasks(file);
      for (const task of all) {
        test(`${path.basename(file)}: ${task.title}`, async () => {
          const [now, old] = await Promise.all(servers.map((server) => screen(server, task.question, at, task.document)));
          const slips = [...now, ...old].filter((line) => line.startsWith('  ! '));
          const screens = { text: now, ...(old.join('\n') === now.join('\n') ? {} : { [`text ${VERSIONS[1]}`]: old }) };
          if (UPDATE) task.screens = screens;
          assert.deepEqual(slips, [], 'what is accepted leaves a document without faults');
          assert.deepEqual(screens, task.screens);
        });
      }
      after(() => UPDATE && writeFileSync(file, page(file, all)));
    }

    test('there are tasks enough', { skip: Boolean(ONLY) }, () => {
      const count = files.flatMap(tasks).length;
      assert.ok(count >= least, `${count} tasks`);
    });
  });
}
