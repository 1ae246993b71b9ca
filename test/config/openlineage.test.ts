import { loadConfig } from '../../src/config/load';
import { openSettings } from '../../src/config/options';
import { folderWith, problemsOf } from './support';

async function problems(text: string) {
  const cwd = folderWith({ 'c.yaml': text });
  return problemsOf(() => loadConfig({ file: 'c.yaml', env: {}, cwd }));
}

test('a target is a whole address with its credentials, or a folder, and every mistake is told', async () => {
  const text = `openlineage:
  a: { url: "http://marquez:5000" }
  b: { url: "http://marquez:5000/api/v1/lineage", apiKey: c4nary }
  c: { url: "http://marquez:5000/api/v1/lineage?key=c4nary" }
  d: { url: "http://h/l", folder: out }
  e: { folder: "" }
  f: { url: "http://h/l", names: title, producer: us, datasetNamespace: "" }
  "g h": { url: "http://h/l", headers: { X-Key: c4nary } }
  i: { url: "http://h/l", headers: { Host: { env: HOST } } }
  j: out
  k: { ulr: "http://h/l" }
`;
  const found = (await problems(text)) as string[];
  expect(found).toEqual([
    expect.stringContaining('openlineage.a.url names a server and no path on it'),
    expect.stringContaining('openlineage.b.apiKey holds a literal secret'),
    expect.stringContaining('openlineage.c.url must end with its path'),
    expect.stringContaining('openlineage.d has a url and a folder'),
    expect.stringContaining('openlineage.e.folder is blank: name a folder'),
    expect.stringContaining(
      'openlineage.f.names must be one of lower, upper, written, not "title"',
    ),
    expect.stringContaining('openlineage.f.producer must be a URI'),
    expect.stringContaining('openlineage.f.datasetNamespace is blank'),
    expect.stringContaining('openlineage.g h is no name for a target'),
    expect.stringContaining('openlineage.g h.headers.X-Key holds a literal secret'),
    expect.stringContaining('openlineage.i.headers.Host is set by itself: leave it out'),
    expect.stringContaining('openlineage.j must be settings by their names'),
    expect.stringContaining('openlineage.k.ulr is no setting: did you mean "url"?'),
  ]);
  expect(found.join()).not.toContain('c4nary');
});

test('targets that are no group are a mistake', async () => {
  expect(await problems('openlineage: [a]')).toEqual([
    expect.stringContaining('openlineage must be targets by their names'),
  ]);
});

test('a key that appears later is taken, and a missing one is named with its setting', async () => {
  const env: Record<string, string> = {};
  const { openlineage } = openSettings(
    {
      connections: {},
      openlineage: { marquez: { url: 'http://127.0.0.1:1/l', apiKey: { env: 'KEY' } } },
    },
    env,
  );
  expect(await problemsOf(() => openlineage.get('marquez'))).toEqual([
    expect.stringMatching(
      /^openlineage\.marquez\.apiKey is read from the environment variable KEY/,
    ),
  ]);
  env['KEY'] = 'there now';
  expect(await openlineage.get('marquez')).toMatchObject({ name: 'marquez', names: 'lower' });
  await openlineage.close();
});

test('where no target is configured, the message says how to make one', async () => {
  const { openlineage } = openSettings({ connections: {} });
  expect(await problemsOf(() => openlineage.get('marquez'))).toEqual([
    'There is no OpenLineage target "marquez": add it under "openlineage", with a url or a folder.',
  ]);
});
