// Marked texts and snippets: the position of the cursor, and the document after an item is accepted.

/** The cursor in a task's document. */
export const CURSOR = '‸';

/** Returns a marked text without its cursor, and the cursor's offset, or undefined if it has none. */
export function takeCursor(marked) {
  const offset = marked.indexOf(CURSOR);
  if (offset < 0) return { text: marked, offset: undefined };
  return { text: marked.slice(0, offset) + marked.slice(offset + CURSOR.length), offset };
}

/** Returns the protocol's position (0-based line and UTF-16 column) of an offset. */
export function positionAt(text, offset) {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length - 1, character: lines.at(-1).length };
}

/** Returns the offset of a position. */
export function offsetAt(text, { line, character }) {
  let offset = 0;
  for (let passed = 0; passed < line; passed += 1) offset = text.indexOf('\n', offset) + 1;
  return offset + character;
}

/** Expands a snippet: placeholders become their default values, choices their first option. */
export function expandSnippet(snippet) {
  let at = 0;
  const inside = (closing) => {
    let out = '';
    while (at < snippet.length && !(closing && snippet[at] === '}')) {
      const rest = snippet.slice(at);
      const escaped = /^\\([$}\\])/.exec(rest);
      const stop = /^\$(\d+)/.exec(rest);
      const choice = /^\$\{\d+\|((?:\\.|[^|\\])*)\|\}/.exec(rest);
      const placeholder = /^\$\{\d+(:?)/.exec(rest);
      if (escaped) {
        out += escaped[1];
        at += 2;
      } else if (choice) {
        out += choice[1].split(',')[0];
        at += choice[0].length;
      } else if (placeholder) {
        at += placeholder[0].length;
        out += inside(true);
        at += 1;
      } else if (stop) {
        at += stop[0].length;
      } else {
        out += snippet[at];
        at += 1;
      }
    }
    return out;
  };
  return inside(false);
}

/** Returns the document after an item is accepted. As in editors, new lines get the indentation of the edited line. */
export function accepted(text, item, cursor) {
  const range = item.textEdit?.range ?? item.textEdit?.replace;
  const start = range ? offsetAt(text, range.start) : cursor;
  const end = range ? offsetAt(text, range.end) : cursor;
  const indentation = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', start - 1) + 1, start))[0];
  let inserted = item.textEdit?.newText ?? item.insertText ?? item.label;
  if (item.insertTextMode !== 1) inserted = inserted.replaceAll('\n', `\n${indentation}`);
  if (item.insertTextFormat === 2) inserted = expandSnippet(inserted);
  return text.slice(0, start) + inserted + text.slice(end);
}
