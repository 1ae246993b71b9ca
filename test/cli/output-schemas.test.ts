import { readFileSync } from 'node:fs';
import path from 'node:path';
import { commands } from '../../src/cli/commands/all';
import { checkOutput } from './check-output';

const root = path.join(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Schemas {
  readonly documents: Readonly<Record<string, { readonly $ref: string }>>;
  readonly definitions: Readonly<Record<string, { readonly description?: string }>>;
}
const { documents, definitions } = JSON.parse(read('schemas/output.schema.json')) as Schemas;

test('every command says what it prints with --output json, and each document has a schema', () => {
  const told = commands.flatMap(({ name, output }) =>
    output === undefined ? [`${name}: nothing`] : output.filter((one) => !(one in documents)),
  );
  expect(told).toEqual([]);
});

// `npm run schemas` writes it anew.
test('the page of the documents is that of the commands', () => {
  const rows = commands
    .filter(({ output = [] }) => output.length > 0)
    .map(({ name, output = [] }) => `\`${name}\` ${output.map((one) => `\`${one}\``).join(', ')}`);
  const page = read('docs/json-output.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.replace(/\|/g, ' ').replace(/ +/g, ' ').trim());
  expect(page).toEqual(rows);
});

test('a field that no schema tells of is noticed, also deep inside', () => {
  const document = { id: 'a', workflowId: 'a', runId: 'r', detached: true, exitCode: 0 };
  const args = ['linkis', 'run', '--detach', '--output', 'json'];
  expect(() => checkOutput(args, JSON.stringify(document))).not.toThrow();
  expect(() => checkOutput(args, JSON.stringify({ ...document, more: 1 }))).toThrow('"more"');
  const ended = { id: 'a', workflowId: 'a', runId: 'r', outcome: 'cancelled', exitCode: 3 };
  const kill = { outcome: 'confirmed', evidence: 'seen', seen: true };
  expect(() => checkOutput(args, JSON.stringify({ ...ended, kill }))).toThrow('"seen"');
  expect(() => checkOutput(args, '{"error":{"message":"x"},"exitCode":2}')).not.toThrow();
  expect(Object.keys(definitions).length).toBeGreaterThan(50);
});
