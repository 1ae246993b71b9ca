// Writes schemas/pipeline.schema.json, which editors complete and check pipelines by, from what
// `pipeline check` reads. test/pipeline-files/published.test.ts says when it is another.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { pipelineJsonSchema } from '../src/pipeline-files/schema';

const file = path.join(__dirname, '../schemas/pipeline.schema.json');

async function write(): Promise<void> {
  const options = (await resolveConfig(file)) ?? {};
  const text = JSON.stringify(pipelineJsonSchema());
  writeFileSync(file, await format(text, { ...options, parser: 'json' }));
}

void write();
