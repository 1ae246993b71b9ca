import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { closeAll, rowsOf, run, startLinkis } from './support';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'linkis-data-'));
  await writeFile(path.join(folder, 'Late Flights.csv'), 'id,city\n1,"Oslo, NO"\n2,\n');
  await writeFile(path.join(folder, 'cars.csv'), 'a\n1\n');
  await writeFile(path.join(folder, 'cars.json'), ' [{"a": 2}, {"a": 3}]');
  await writeFile(path.join(folder, '7-days.tsv'), 'a\tb\n1\t2\n');
  await writeFile(path.join(folder, 'lines.jsonl'), '{"a": 1}\n{"a": 2}\n');
  await writeFile(path.join(folder, 'map.json'), '{"type": "Topology"}');
  await writeFile(path.join(folder, 'broken.parquet'), 'no parquet');
  await writeFile(path.join(folder, 'readme.md'), '# not data');
});
afterAll(async () => {
  await closeAll();
  await rm(folder, { recursive: true });
});

test('data files become tables that can be read and changed; the others are named with the reason', async () => {
  const linkis = await startLinkis({ dataDir: folder });
  expect(linkis.data.tables).toEqual(['t_7_days', 'late_flights', 'cars', 'cars_json', 'lines']);
  expect(linkis.data.skipped).toEqual([
    { file: 'broken.parquet', reason: expect.stringContaining('broken.parquet') },
    { file: 'map.json', reason: 'it holds no array' },
  ]);
  const { row } = await run(
    linkis,
    'select * from late_flights order by id; insert into cars values (9); select sum(a) from (select a from cars union all select a from cars_json)',
  );
  expect(await rowsOf(linkis, row.resultLocation, 0)).toEqual([
    ['1', 'Oslo, NO'],
    ['2', null],
  ]);
  expect(await rowsOf(linkis, row.resultLocation, 1)).toEqual([['15']]);
});

test('a data folder that is not there stops the start with its name', async () => {
  await expect(startLinkis({ dataDir: path.join(folder, 'absent') })).rejects.toThrow(
    `The data folder ${path.join(folder, 'absent')} can't be read`,
  );
});
