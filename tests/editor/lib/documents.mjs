// Test manifests: the same in every run, each one change away from a complete, valid manifest.

/** A valid manifest with every kind of field. */
const WHOLE = {
  $schema: 'x',
  callsheet: 1,
  required_version: '>=0.1',
  env: ['CAMPAIGN'],
  'x-anchors': { any: [1, 'two'] },
  vars: { product: 'Acme', y: 1, t: 1, s: 1, deep: { list: [1, 1.5, true, 'x'] } },
  avatars: {
    anna: { id: 'R', style: 'half', scale: 1.1, offset: { x: -240, y: '{{ vars.y }}' } },
    'anna-round': { use: 'anna', style: 'round', circle_bgcolor: '#ffeecc' },
  },
  voices: {
    v: { tts: { id: 'x', text: 't', speed: 1.05, pitch: -3, emotion: 'sad' } },
    f: { file: { url: 'https://cdn.example.com/a.mp3' } },
    s: { silence: { duration: 3 } },
  },
  backgrounds: { office: { media: { url: 'https://cdn.example.com/a.jpg', fit: 'cover', loop: true } }, plain: { color: '#f4f4f4' } },
  defaults: { aspect: '16:9', avatar: 'anna', background: 'office', name: 'n', take: 1 },
  videos: {
    a: { voice: 'v', script: 'hi', take: '{{ vars.t }}' },
    b: {
      voice: { use: 'v', tts: { speed: '{{ vars.s }}' } },
      script: { path: 'x.txt' },
      matrix: { locale: ['en', 1, true], include: [{ locale: 'fr' }], exclude: [{ locale: 'en' }] },
    },
    c: { rows: { path: 'a.csv', key: '{{ row.id }}', when: false }, aspect: '{{ row.a }}' },
  },
  environments: { p: { base_url: 'https://a.b', client_id_env: 'I', client_secret_env: 'S', key_env: 'K', rate: 1, concurrency: 4, timeout: '60s', settle_grace: '2m' } },
  guards: { max_submissions: 50, max_credits: 200, max_share: '30%' },
};

/** Values near the limits of fields. */
const VALUES = [
  null, true, false, 0, 1, 2, -51, 51, 100, 1001, 1_000_001, 0.49, 0.5, 1.5, 1.51, '', 'half', 'cover', '2', 'yes', 'no way', 'anna',
  '{{ vars.x }}', 'a-{{ vars.x }}', '{ {', '#ffeecc', '#fff', '60s', '60', '30%', '130%', '>=0.1', [], {}, [1], ['a'], [null], [{}],
  { a: 1 }, { path: 'x' }, { tts: {} }, { x: null }, { locale: ['en'] },
];

const KEYS = ['x-a', 'a b', '', 'é', 'use', 'tts', 'path', 'script', 'stile', 'locale', 'take', 'matrix'];

/** Random numbers that are the same in every run. */
function* numbers(seed) {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** Returns the paths of all values below the root. */
function paths(value, at = []) {
  const inner = value !== null && typeof value === 'object' ? Object.keys(value) : [];
  return inner.flatMap((key) => [[...at, key], ...paths(value[key], [...at, key])]);
}

function change(document, random) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const path = pick(paths(document));
  const last = path.at(-1);
  const parent = path.slice(0, -1).reduce((value, key) => value[key], document);
  const list = Array.isArray(parent);
  const inner = parent[last];
  const kind = pick(['replace', 'replace', 'replace', 'insert', 'insert', 'rename', 'remove']);
  const key = pick(KEYS);
  const value = structuredClone(pick(VALUES));
  const said = (words) => `${path.join('.')} ${words}`;
  if (kind === 'insert' && inner !== null && typeof inner === 'object' && !Array.isArray(inner)) {
    inner[key] = value;
    return said(`with ${key}: ${JSON.stringify(value)}`);
  }
  if (kind === 'rename' && !list) {
    delete parent[last];
    parent[key] = inner;
    return said(`as ${key}`);
  }
  if (kind === 'remove') {
    if (list) parent.splice(last, 1);
    else delete parent[last];
    return said('removed');
  }
  parent[last] = value;
  return said(`= ${JSON.stringify(value)}`);
}

/**
 * Returns `count` valid and `count` invalid manifests, each a name and a unique value.
 *
 * All have the version of the root manifest. Without it, callsheet rejects the manifest, but the schema accepts it,
 * because it also covers included files.
 */
export function documents(count, isValid) {
  const source = numbers(2026);
  const random = () => source.next().value;
  const taken = [{ name: 'the whole manifest', value: WHOLE }];
  const refused = [];
  const seen = new Set();
  while (taken.length < count || refused.length < count) {
    const value = structuredClone(WHOLE);
    const name = change(value, random);
    const text = JSON.stringify(value);
    const kept = isValid(value) ? taken : refused;
    if (seen.has(text) || !('callsheet' in value) || kept.length >= count) continue;
    seen.add(text);
    kept.push({ name, value });
  }
  return [...taken, ...refused];
}
