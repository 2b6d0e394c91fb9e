// The pages of tasks: Markdown in which each task is a document, with what editors show for it.

import { readFileSync } from 'node:fs';

/** A document and its screens: the newest server's, then the older one's if it differs. */
const TASK = /^```yaml (complete|hover|faults|fixes)\n([\s\S]*?)^```\n((?:\n?^```text[^\n]*\n[\s\S]*?^```\n)*)/gm;

const SCREEN = /^```(text[^\n]*)\n([\s\S]*?)^```\n/gm;

/**
 * Returns the tasks of a page: title (the heading above), question, document, and screens by the text after their
 * fence.
 *
 *     ## a title
 *
 *     ```yaml complete
 *     avatars:
 *       ‸
 *     ```
 *
 *     ```text
 *     what is shown
 *     ```
 */
export function tasks(file) {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(TASK)].map(({ 0: whole, 1: question, 2: document, 3: answers, index }) => {
    const title = text.slice(0, index).match(/^#+ .*$/gm)?.at(-1)?.replace(/^#+ /, '') ?? '';
    const screens = Object.fromEntries([...answers.matchAll(SCREEN)].map(([, info, body]) => [info, body.trimEnd().split('\n')]));
    return { title, question, document, screens, at: index, length: whole.length };
  });
}

/** Returns a page with the current screens of its tasks. Everything else is unchanged. */
export function page(file, all) {
  let text = readFileSync(file, 'utf8');
  for (const { question, document, screens, at, length } of [...all].reverse()) {
    const answers = Object.entries(screens).map(([info, lines]) => `\n\`\`\`${info}\n${lines.join('\n')}\n\`\`\`\n`);
    text = `${text.slice(0, at)}\`\`\`yaml ${question}\n${document}\`\`\`\n${answers.join('')}${text.slice(at + length)}`;
  }
  return text;
}
