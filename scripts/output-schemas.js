// Writes schemas/output.schema.json, what commands print with `--output json`, from the types in
// src/cli/outputs, and the commands' table in docs/json-output.md. With --check it writes nothing,
// and fails where one of them is another. Needs test/support/register.js.
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const file = path.join(root, 'schemas/output.schema.json');
const page = path.join(root, 'docs/json-output.md');

/** Readers must take fields that a later version adds. */
function opened(node) {
  if (typeof node !== 'object' || node === null) return node;
  if (node.additionalProperties === false) delete node.additionalProperties;
  for (const child of Object.values(node)) opened(child);
  return node;
}

async function run() {
  const { createGenerator } = await import('ts-json-schema-generator');
  const prettier = await import('prettier');
  const schema = createGenerator({
    path: path.join(root, 'src/cli/outputs/documents.ts'),
    tsconfig: path.join(root, 'tsconfig.json'),
    type: 'Documents',
    // The compiler does that; this only reads.
    skipTypeCheck: true,
    topRef: false,
  }).createSchema('Documents');
  const { $schema, properties, definitions, description } = opened(schema);
  const named = {
    $schema,
    title: 'What remote-jobs prints with --output json',
    description,
    // By the names that docs/json-output.md lists for each command.
    documents: properties,
    definitions,
  };
  const formatted = async (text, parser) =>
    prettier.format(text, { ...((await prettier.resolveConfig(file)) ?? {}), parser });
  await keep(file, await formatted(JSON.stringify(named), 'json'));
  await keep(page, await formatted(withTable(readFileSync(page, 'utf8')), 'markdown'));
}

/** The page with a row for each command that prints JSON. */
function withTable(text) {
  const { commands } = require('../src/cli/commands/all.ts');
  const rows = commands
    .filter(({ output }) => output.length > 0)
    .map(({ name, output }) => `| \`${name}\` | ${output.map((one) => `\`${one}\``).join(', ')} |`);
  const table = ['| command | documents |', '| --- | --- |', ...rows].join('\n');
  return text.replace(/^\| command [^]*?\n(?!\|)/m, `${table}\n`);
}

async function keep(name, text) {
  if (!process.argv.includes('--check')) return writeFileSync(name, text);
  if (readFileSync(name, 'utf8') !== text) {
    console.error(`${path.relative(root, name)} is not what the code says: npm run schemas`);
    process.exitCode = 1;
  }
}

void run();
