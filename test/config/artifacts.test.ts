import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { s3Credentials } from '../../src/config/artifact-options';
import { loadConfig } from '../../src/config/load';
import { openSettings } from '../../src/config/options';
import { S3ArtifactStore } from '../../src/artifacts/s3-store';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { openStore } from '../../src/plugin/open-store';
import { folderWith, problemsOf } from './support';

function load(artifacts: object) {
  const cwd = folderWith({ 'remote-jobs.yaml': JSON.stringify({ artifacts }) });
  return { cwd, config: loadConfig({ env: {}, cwd }) };
}

const secrets = { accessKeyId: { env: 'S3_KEY' }, secretAccessKey: { file: 's3.txt' } };

it('may name a bucket; a dev stack still has its folder', () => {
  const s3 = { bucket: 'dw', prefix: 'prod/', endpoint: 'http://minio:9000', ...secrets };
  const { cwd, config } = load({ s3 });
  expect(config.artifacts).toEqual({
    folder: path.join(cwd, 'remote-jobs-artifacts'),
    s3: { ...s3, secretAccessKey: { file: path.join(cwd, 's3.txt') } },
  });
  const { secrets: resolver } = openSettings({ connections: {} }, {});
  expect(openStore(config.artifacts, resolver)).toBeInstanceOf(S3ArtifactStore);
  expect(openStore(config.artifacts, resolver).place).toBe('s3://dw/prod');
  expect(openStore(load({}).config.artifacts, resolver)).toBeInstanceOf(FolderArtifactStore);
});

it.each<[string, object, string]>([
  ['no bucket', { s3: {} }, 'artifacts.s3.bucket is missing: give a bucket'],
  ['both', { folder: 'a', s3: { bucket: 'b' } }, 'artifacts.s3 stands beside folder: give only'],
  ['a typo', { s3: { bucket: 'b', regoin: 'x' } }, 'artifacts.s3.regoin is no setting: did you'],
  ['a text', { s3: 's3://b' }, 'artifacts.s3 must be settings by their names'],
  ['a prefix that leads out', { s3: { bucket: 'b', prefix: '../x' } }, 'must be a plain relative'],
  [
    'half a credential',
    { s3: { bucket: 'b', accessKeyId: { env: 'A' } } },
    'secretAccessKey is missing',
  ],
  [
    'a session token alone',
    { s3: { bucket: 'b', sessionToken: { env: 'T' } } },
    'accessKeyId is missing beside sessionToken',
  ],
  ['a wrong style', { s3: { bucket: 'b', forcePathStyle: 'yes' } }, 'must be true or false'],
  ['a password in the address', { s3: { bucket: 'b', endpoint: 'http://u:p4ss@h' } }, 'a password'],
  [
    'a literal secret',
    { s3: { bucket: 'b', accessKeyId: 'c4nary', secretAccessKey: 'c4nary' } },
    'literal',
  ],
])('tells of %s at its place', async (_, artifacts, words) => {
  const problems = await problemsOf(() => load(artifacts));
  expect(problems.join('\n')).toContain(words);
  expect(problems.join('\n')).toMatch(/^remote-jobs\.yaml:1:\d+: artifacts/);
  expect(problems.join('\n')).not.toMatch(/c4nary|p4ss/);
});

it('reads the credentials of a bucket anew each time, a session token among them', async () => {
  const s3 = { bucket: 'dw', ...secrets, sessionToken: { env: 'S3_TOKEN' } };
  const { cwd, config } = load({ s3 });
  const { secrets: resolver } = openSettings({ connections: {} }, { S3_KEY: 'k', S3_TOKEN: 't' });
  const read = s3Credentials(config.artifacts.s3!, resolver);
  for (const secretAccessKey of ['first', 'second']) {
    writeFileSync(path.join(cwd, 's3.txt'), `${secretAccessKey}\n`);
    expect(await read?.()).toEqual({ accessKeyId: 'k', secretAccessKey, sessionToken: 't' });
  }
});

it('reads the credentials of a bucket when they are needed, and says which is missing', async () => {
  const { config } = load({ s3: { bucket: 'dw', endpoint: 'http://127.0.0.1:1', ...secrets } });
  const { secrets: resolver } = openSettings({ connections: {} }, {});
  const store = openStore(config.artifacts, resolver);
  await expect(store.list('', new AbortController().signal)).rejects.toThrow(
    /artifacts\.s3\.accessKeyId is read from the environment variable S3_KEY, which is not set/,
  );
});
