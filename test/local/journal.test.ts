import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Journal } from '../../src/local/journal';
import { JobHistory } from '../../src/local/linkis/history/job-history';
import { finishedRows } from '../../src/local/linkis/history/finished-rows';

interface Row {
  readonly id: number;
  readonly text: string;
}

const mebibyte = 2 ** 20;
let folder: string;
let file: string;
const open: { close(): void }[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'journal-'));
  file = path.join(folder, 'rows.jsonl');
});
afterEach(() => {
  for (const journal of open.splice(0)) journal.close();
  rmSync(folder, { recursive: true });
});

function journalOf(rows: Map<number, Row>) {
  const journal = new Journal<Row>(
    file,
    (row) => rows.set(row.id, row),
    () => rows.values(),
  );
  open.push(journal);
  const write = (id: number, text = '') => {
    rows.set(id, { id, text });
    journal.append({ id, text });
  };
  return { journal, write };
}

function readAgain(): Map<number, Row> {
  const rows = new Map<number, Row>();
  journalOf(rows).journal.close();
  return rows;
}

it('goes on in the old file where a new one could not be written', () => {
  const { write } = journalOf(new Map());
  mkdirSync(`${file}.new`);
  const long = 'x'.repeat(11 * mebibyte);
  for (let time = 0; time < 6; time += 1) write(1, long);
  write(2, 'after');
  rmdirSync(`${file}.new`);
  expect([...readAgain().keys()]).toEqual([1, 2]);
});

it('keeps a line apart from the half of one that a killed process left', () => {
  journalOf(new Map()).write(1);
  appendFileSync(file, '{"id":2,"te');
  mkdirSync(`${file}.new`);
  journalOf(new Map()).write(3);
  expect([...readAgain().keys()]).toEqual([1, 3]);
});

it('reads lines that are longer than what is read at a time, whatever letters they are cut in', () => {
  const { write } = journalOf(new Map());
  const text = 'é☂'.repeat(mebibyte);
  write(1, text);
  write(2);
  write(3, `a${text}`);
  const rows = readAgain();
  expect([...rows.keys()]).toEqual([1, 2, 3]);
  expect(rows.get(1)?.text === text && rows.get(3)?.text === `a${text}`).toBe(true);
});

it('takes back what a full disk took of a line, and says so', async () => {
  const script = `
    const { Journal } = require('./src/local/journal');
    const journal = new Journal(process.argv[1], () => undefined, () => []);
    journal.append({ id: 1, text: '' });
    try {
      journal.append({ id: 2, text: 'x'.repeat(100_000) });
    } catch ({ code }) {
      console.log(code);
    }
    journal.append({ id: 3, text: '' });`;
  // No file of the process may become larger than 64 KiB; a write across that border is a short one.
  const limited = 'ulimit -f 64 && exec "$@"';
  const node = [process.execPath, '-r', './test/support/register.js', '-e', script, file];
  const { stdout } = await promisify(execFile)('bash', ['-c', limited, 'bash', ...node]);
  expect(stdout.trim()).toBe('EFBIG');
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
  expect([...readAgain().keys()]).toEqual([1, 3]);
});

it('never holds the tasks that were invented', () => {
  const before = new JobHistory(file, (beforeMs) => finishedRows(3, beforeMs, 'here:1'));
  open.push(before);
  const [like] = finishedRows(1, 0, '');
  const executionCode = 'x'.repeat(23 * mebibyte);
  const { taskID } = before.insert({ ...like!, status: 'Running', executionCode });
  for (const status of ['Running', 'Succeed'] as const) before.update(taskID, { status });
  before.close();
  const after = new JobHistory(file);
  open.push(after);
  expect(after.list({}).map((row) => row.taskID)).toEqual([4]);
});
