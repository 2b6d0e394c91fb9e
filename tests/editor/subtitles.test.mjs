// Reads the subtitles that `pull` writes with two parsers of players: `webvtt-parser`, which reports every deviation from
// the specification, and `srt-parser-2`.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

import Srt from 'srt-parser-2';
import parsers from 'webvtt-parser';

import { binary } from './lib/schemas.mjs';

/** Texts of the videos by key. */
const TEXTS = {
  english: 'Welcome to Tom & Ann <Ltd>. Is 5 --> 7 a range? Open the dashboard, choose a name, and invite everyone who works with you on this project.',
  arabic: 'مرحبا بكم في Acme Cloud. هل لديكم حساب من قبل؟ Acme Cloud هي شركتنا، وهي تكبر كل يوم.',
  thai: 'ยินดีต้อนรับสู่โครงการแรกของคุณในระบบคลาวด์ของบริษัทเราซึ่งใช้งานง่ายและรวดเร็วมากสำหรับทุกคน',
  japanese: '東京タワーへようこそ。とても長い文章です、折り返しが必要です、そして最後まで読みましょう、お願いします。',
};

const { WebVTTParser } = parsers;

let folder;
before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'callsheet-subtitles-'));
  const videos = Object.entries(TEXTS).map(([key, text]) => `  ${key}: { script: ${JSON.stringify(text)} }\n`).join('');
  const preset = 'avatar: { id: A1 }, voice: { tts: { id: V1 } }, background: { color: "#f4f4f4" }';
  writeFileSync(path.join(folder, 'callsheet.yaml'), `callsheet: 1\ndefaults: { ${preset} }\nvideos:\n${videos}`);
  for (const words of ['apply --yes --wait', 'pull --subtitles srt,vtt']) {
    execFileSync(binary(), ['-C', folder, '--env', 'sandbox', '--quiet', ...words.split(' ')], { stdio: 'pipe' });
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

const read = (key, format) => readFileSync(path.join(folder, 'dist', `${key}.${format}`), 'utf8');

/** Returns the letters of a text, in their order. */
const letters = (text) => text.replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '');

/** Checks that cues have text, and that their times only grow. */
function check(cues, key) {
  assert.ok(cues.length > 0);
  assert.equal(letters(cues.map(({ text }) => text).join('')), letters(TEXTS[key]), 'no word is lost or moved');
  let end = 0;
  for (const { from, to, text } of cues) {
    assert.ok(from >= end && to > from, `${from} to ${to}`);
    assert.ok(text.split('\n').length <= 2, text);
    end = to;
  }
}

for (const key of Object.keys(TEXTS)) {
  test(`a WebVTT parser reads ${key}`, () => {
    const { cues, errors } = new WebVTTParser().parse(read(key, 'vtt'), 'subtitles');
    assert.deepEqual(errors, []);
    const text = (node) => node.value ?? node.children.map(text).join('');
    check(cues.map((cue) => ({ from: cue.startTime, to: cue.endTime, text: text(cue.tree) })), key);
  });

  test(`a SubRip parser reads ${key}`, () => {
    const cues = new Srt().fromSrt(read(key, 'srt'));
    check(cues.map((cue) => ({ from: cue.startSeconds, to: cue.endSeconds, text: cue.text })), key);
    const texts = new WebVTTParser().parse(read(key, 'vtt'), 'subtitles').cues;
    assert.deepEqual(cues.map((cue) => cue.startSeconds), texts.map((cue) => cue.startTime), 'both formats agree');
  });
}
