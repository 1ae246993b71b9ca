// Writes schemas/output.schema.json, what commands print with `--output json`, from the types in
// src/cli/outputs. With --check it writes nothing, and fails where the file is another.
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const file = path.join(root, 'schemas/output.schema.json');

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
  const options = (await prettier.resolveConfig(file)) ?? {};
  const text = await prettier.format(JSON.stringify(named), { ...options, parser: 'json' });
  if (!process.argv.includes('--check')) return writeFileSync(file, text);
  if (readFileSync(file, 'utf8') !== text) {
    console.error('schemas/output.schema.json is not what the types say: npm run schemas');
    process.exitCode = 1;
  }
}

void run();
