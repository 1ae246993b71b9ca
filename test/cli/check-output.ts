import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { CommandSpec } from '../../src/cli/command';
import { commands } from '../../src/cli/commands/all';
import type { DocumentName } from '../../src/cli/outputs/documents';

const file = path.join(__dirname, '../../schemas/output.schema.json');
const compiled = new Map<DocumentName, ValidateFunction>();
let ajv: Ajv | undefined;

/** Fails where a command printed JSON that its schemas don't tell of, down to the last field. */
export function checkOutput(args: readonly string[], stdout: string): void {
  if (!args.includes('json') || stdout === '') return;
  const spec = commandOf(args);
  if (spec === undefined) return;
  for (const line of stdout.trimEnd().split('\n')) {
    const document = parsed(line);
    // A picture, an export: `--output json` leaves them as they are.
    if (document === undefined) continue;
    const names: readonly DocumentName[] = ['error', ...(spec.output ?? [])];
    const mistakes = names.map((name) => mistakesIn(name, document));
    if (mistakes.includes(undefined)) continue;
    const told = names.map((name, index) => `as ${name}: ${mistakes[index]}`).join('\n  ');
    throw new Error(`${spec.name} printed what its schemas don't know.\n  ${told}\n  ${line}`);
  }
}

/** The command whose words stand in the line, the longest name first. */
function commandOf(args: readonly string[]): CommandSpec | undefined {
  const line = ` ${args.join(' ')} `;
  return [...commands]
    .sort((a, b) => b.name.length - a.name.length)
    .find(({ name }) => line.includes(` ${name} `));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function mistakesIn(name: DocumentName, document: unknown): string | undefined {
  const validate = compiled.get(name) ?? compile(name);
  compiled.set(name, validate);
  if (validate(document)) return undefined;
  return (validate.errors ?? [])
    .map(({ instancePath, message, params }) =>
      `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
    )
    .join('; ');
}

function compile(name: DocumentName): ValidateFunction {
  ajv ??= strictAjv();
  return ajv.compile({ $ref: `output#/documents/${name}` });
}

/** The published schemas leave room for later fields; a test wants each one told. */
function strictAjv(): Ajv {
  const schema = JSON.parse(readFileSync(file, 'utf8')) as object;
  const strict = addFormats(new Ajv({ strict: false, allErrors: true }));
  strict.addSchema(closed(schema) as object, 'output');
  return strict;
}

function closed(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  for (const child of Object.values(node)) closed(child);
  if ('properties' in node && 'type' in node && node.type === 'object') {
    if (!('additionalProperties' in node)) Object.assign(node, { additionalProperties: false });
  }
  return node;
}
