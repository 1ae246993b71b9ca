import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { FolderArtifactStore } from '../../src/artifacts/folder-store';
import { readCsvHead } from '../../src/cli/csv-preview';
import { ResultFolder } from '../../src/cli/result-folder';
import type { LinkisTaskResult } from '../../src/contracts/linkis';

let folder: string;
let store: FolderArtifactStore;
const { signal } = new AbortController();
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'result-folder-'));
  store = new FolderArtifactStore({ root: path.join(folder, 'artifacts') });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = (key: string, text: string) =>
  store.put(key, Readable.from([text]), { format: 'csv', signal });

async function resultWith(...texts: string[]): Promise<LinkisTaskResult> {
  const results = await Promise.all(
    texts.map(async (text, index) => ({
      ...(await put(`results/${index}.csv`, text)),
      index,
      kind: 'table' as const,
    })),
  );
  return {
    vendor: 'linkis',
    connection: 'linkis',
    taskId: '1',
    status: 'Succeed',
    decision: 'freshSubmit',
    results,
    warnings: [],
    submittedAtMs: 0,
    endedAtMs: 1,
  };
}

test('an artifact that is not what the job stored leaves the folder as it was', async () => {
  const out = await ResultFolder.prepare(path.join(folder, 'out'));
  await out.writeResult(await resultWith('n\r\n1\r\n'), store, signal);
  const broken = await resultWith('n\r\n2\r\n', 'm\r\n3\r\n');
  await writeFile(path.join(store.root, 'results/1.csv'), 'm\r\n4\r\n');
  await expect(out.writeResult(broken, store, signal)).rejects.toThrow('hash differs');
  expect(await readFile(path.join(folder, 'out/results/0.csv'), 'utf8')).toBe('n\r\n1\r\n');
  expect((await readdir(path.join(folder, 'out'))).sort()).toEqual(['result.json', 'results']);
});

test("only a job's own files are replaced", async () => {
  await writeFile(path.join(folder, 'notes.txt'), 'mine');
  const out = await ResultFolder.prepare(folder);
  await out.writeResult(await resultWith('n\r\n1\r\n'), store, signal);
  expect(await readFile(path.join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  await out.abandon();
  expect(await readdir(folder)).toContain('result.json');
});

test('the head of a CSV tells NULL from an empty text, over quotes and line breaks', async () => {
  const ref = await put('x.csv', 'a,b,c\r\n"x,""y""",,""\r\n"two\nlines",1,2\r\nnever,read,\r\n');
  expect(await readCsvHead(store, ref, 3, signal)).toEqual([
    ['a', 'b', 'c'],
    ['x,"y"', null, ''],
    ['two\nlines', '1', '2'],
  ]);
});
