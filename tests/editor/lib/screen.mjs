// What an editor would show, as text: one screen for each kind of request.

import { takeCursor } from './text.mjs';

/** The functions that send each kind of request and format the response. */
const QUESTIONS = { complete, hover, faults, fixes };

/** Returns the screen of a marked document under a schema. */
export async function screen(server, question, schema, marked) {
  const head = `# yaml-language-server: $schema=${schema}\n`;
  const { text, offset } = takeCursor(head + marked);
  const ask = QUESTIONS[question];
  if (!ask) throw new Error(`no question is called ${question}`);
  const lines = await ask(server, text, offset);
  return lines.length === 0 ? ['nothing'] : lines;
}

async function complete(server, text, offset) {
  const items = await server.complete(text, offset);
  return items.flatMap(({ label, words, after, faults }) => {
    const wrong = faults.filter((fault) => !isOpen(after, fault));
    return [
      words ? `${label} — ${words.split('\n')[0]}` : label,
      ...changed(text, after).map((line) => `  | ${line}`),
      ...wrong.map((fault) => `  ! ${place(fault)} ${fault.message}`),
    ];
  });
}

async function hover(server, text, offset) {
  const words = (await server.hover(text, offset)) ?? '';
  const shown = words.replace(/\n*Source: \[[\s\S]*$/, '').replaceAll(/\n{3,}/g, '\n\n').trim();
  return shown === '' ? [] : shown.split('\n');
}

async function faults(server, text) {
  return (await server.faults(text)).sort((left, right) => left.line - right.line || left.column - right.column).map((fault) => `${place(fault)} ${fault.message}`);
}

async function fixes(server, text) {
  return (await server.fixes(text)).flatMap(({ title, after }) => [title, ...changed(text, after).map((line) => `  | ${line}`)]);
}

/** Formats a position in the task's document, which starts one line below the modeline. */
const place = ({ line, column }) => `${line - 1}:${column}`;

/** Returns whether a diagnostic only reports a key or dash without a value yet. */
function isOpen(after, { line, message }) {
  return /(:|-)\s*$/.test(after.split('\n')[line - 1]) && /^(Incorrect type|Expected|Missing|Value is not accepted)/.test(message);
}

/** Returns the lines of a document that another one does not have. */
function changed(before, after) {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let first = 0;
  while (first < old.length && first < now.length && old[first] === now[first]) first += 1;
  let last = 0;
  while (last < old.length - first && last < now.length - first && old.at(-1 - last) === now.at(-1 - last)) last += 1;
  return now.slice(first, now.length - last);
}
