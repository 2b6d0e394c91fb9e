// The real yaml-language-server over stdio, with the requests of an editor.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { accepted, offsetAt, positionAt } from './text.mjs';

/** The range of versions in use: the newest, and one of 2025 that packages still ship. */
export const VERSIONS = ['2.0.0', '1.19.2'];

/** Timeout of a response, in milliseconds. */
const PATIENCE = 20_000;

const NODE_MODULES = fileURLToPath(new URL('../node_modules', import.meta.url));

const SETTINGS = {
  validate: true,
  hover: true,
  completion: true,
  schemaStore: { enable: false },
  kubernetesCRDStore: { enable: false },
  schemas: {},
};

const CAPABILITIES = {
  textDocument: {
    completion: {
      completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'], insertTextModeSupport: { valueSet: [1, 2] } },
    },
    hover: { contentFormat: ['markdown', 'plaintext'] },
    publishDiagnostics: { relatedInformation: true },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix'] } } },
  },
  workspace: { configuration: true, workspaceFolders: true },
};

export class Server {
  #child;
  #received = Buffer.alloc(0);
  #asked = new Map();
  #last = 0;
  #watching = new Map();
  #stderr = '';
  #documents = 0;

  /** Starts a server of one version in an empty directory. */
  static async start(version) {
    const server = new Server();
    server.version = version;
    server.folder = mkdtempSync(path.join(tmpdir(), 'callsheet-editor-'));
    const program = path.join(NODE_MODULES, `yls-${version}`, 'bin/yaml-language-server');
    server.#child = spawn(process.execPath, [program, '--stdio'], { cwd: server.folder });
    server.#child.stderr.on('data', (data) => (server.#stderr += data));
    server.#child.stdout.on('data', (data) => server.#read(data));
    server.#child.on('exit', (code) => {
      for (const { refuse } of server.#asked.values()) refuse(new Error(`the server left with ${code}: ${server.#stderr}`));
    });
    const uri = pathToFileURL(server.folder).href;
    await server.#request('initialize', { processId: process.pid, rootUri: uri, workspaceFolders: [{ uri, name: 'test' }], capabilities: CAPABILITIES });
    server.#notify('initialized', {});
    return server;
  }

  async stop() {
    await this.#request('shutdown');
    this.#notify('exit');
    this.#child.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Opens a document, passes it and its diagnostics to `use`, then closes it. */
  async with(text, use) {
    this.#documents += 1;
    const uri = pathToFileURL(path.join(this.folder, `${this.#documents}.yaml`)).href;
    const found = this.#diagnostics(uri);
    this.#notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    const result = await use(uri, await found);
    this.#notify('textDocument/didClose', { textDocument: { uri } });
    return result;
  }

  /** Returns the diagnostics of a document: `{ line, column, message }`, 1-based. */
  faults(text) {
    return this.with(text, async (_, found) => found.map(shortened));
  }

  /** Returns the hover text at an offset, or null if it is empty. */
  hover(text, offset) {
    return this.with(text, async (uri) => {
      const answer = await this.#request('textDocument/hover', { textDocument: { uri }, position: positionAt(text, offset) });
      return answer?.contents?.value ?? null;
    });
  }

  /** Returns the titles of all quick fixes of a document, and the document after each. */
  fixes(text) {
    return this.with(text, async (uri, found) => {
      const all = [];
      for (const one of found) {
        const context = { diagnostics: [one], only: ['quickfix'] };
        const actions = await this.#request('textDocument/codeAction', { textDocument: { uri }, range: one.range, context });
        for (const action of actions ?? []) {
          const edits = action.edit?.changes?.[uri];
          if (!edits || action.kind !== 'quickfix') continue;
          const [{ range, newText }] = edits;
          all.push({ title: action.title, after: text.slice(0, offsetAt(text, range.start)) + newText + text.slice(offsetAt(text, range.end)) });
        }
      }
      return all;
    });
  }

  /** Returns the items at an offset: label, documentation, the document after accepting, and its diagnostics. */
  async complete(text, offset) {
    const items = await this.with(text, async (uri) => {
      const answer = await this.#request('textDocument/completion', { textDocument: { uri }, position: positionAt(text, offset), context: { triggerKind: 1 } });
      return (Array.isArray(answer) ? answer : (answer?.items ?? [])).filter((item) => keeps(text, offset, item));
    });
    const made = items.map(async (item) => {
      const after = accepted(text, item, offset);
      return { label: item.label, sort: item.sortText ?? item.label, words: plain(item.documentation), after, faults: await this.faults(after) };
    });
    return (await Promise.all(made)).sort((left, right) => (left.sort < right.sort ? -1 : 1));
  }

  #diagnostics(uri) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no diagnostics of ${uri}: ${this.#stderr}`)), PATIENCE);
      this.#watching.set(uri, (found) => {
        clearTimeout(timer);
        resolve(found);
      });
    });
  }

  #request(method, params) {
    const id = (this.#last += 1);
    return new Promise((answer, refuse) => {
      const timer = setTimeout(() => refuse(new Error(`no answer to ${method}: ${this.#stderr}`)), PATIENCE);
      const done = (then) => (value) => {
        clearTimeout(timer);
        then(value);
      };
      this.#asked.set(id, { answer: done(answer), refuse: done(refuse) });
      this.#send({ id, method, params });
    });
  }

  #notify(method, params) {
    this.#send({ method, params });
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#child.stdin.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  #read(data) {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const head = this.#received.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#received.subarray(0, head).toString())[1]);
      const body = this.#received.subarray(head + 4, head + 4 + length);
      if (body.length < length) return;
      this.#received = this.#received.subarray(head + 4 + length);
      this.#heard(JSON.parse(body.toString()));
    }
  }

  #heard({ id, method, params, result, error }) {
    if (method === 'workspace/configuration') {
      this.#send({ id, result: params.items.map(({ section }) => (section === 'yaml' ? SETTINGS : {})) });
    } else if (method === 'textDocument/publishDiagnostics') {
      const watcher = this.#watching.get(params.uri);
      this.#watching.delete(params.uri);
      watcher?.(params.diagnostics);
    } else if (method !== undefined && id !== undefined) {
      this.#send({ id, result: null });
    } else if (id !== undefined) {
      const { answer, refuse } = this.#asked.get(id);
      this.#asked.delete(id);
      if (error) refuse(new Error(`${error.message}: ${this.#stderr}`));
      else answer(result);
    }
  }
}

const shortened = ({ range, message }) => ({ line: range.start.line + 1, column: range.start.character + 1, message });

const plain = (words) => (typeof words === 'string' ? words : (words?.value ?? '')).trim();

/** Returns whether an editor still shows an item for the typed text: the item has its letters, in order. */
function keeps(text, offset, item) {
  const range = item.textEdit?.range ?? item.textEdit?.replace;
  const typed = range ? text.slice(offsetAt(text, range.start), offset).trim().toLowerCase() : '';
  const letters = [...typed];
  for (const letter of (item.filterText ?? item.label).toLowerCase()) if (letter === letters[0]) letters.shift();
  return letters.length === 0;
}
