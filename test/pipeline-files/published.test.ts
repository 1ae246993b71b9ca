import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import Ajv from 'ajv/dist/2020';
import fc from 'fast-check';
import { parse } from 'yaml';
import { drawPipeline } from '../../src/pipeline-files/draw-pipeline';
import { mermaid } from '../../src/pipeline-files/mermaid';
import { pipelineJsonSchema } from '../../src/pipeline-files/schema';
import { checked, task, withSteps } from './support';

const root = path.join(__dirname, '../..');
const examples = path.join(root, 'examples/pipelines');
const schema = JSON.parse(
  readFileSync(path.join(root, 'schemas/pipeline.schema.json'), 'utf8'),
) as object;

async function exampleFiles(): Promise<string[]> {
  return (await readdir(examples)).filter((name) => name.endsWith('.yaml'));
}

test('the published schema is what the checker reads', () => {
  expect(schema).toEqual(JSON.parse(JSON.stringify(pipelineJsonSchema())));
});

test('each example is right by the checker and by the published schema', async () => {
  const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
  const names = await exampleFiles();
  expect(names.length).toBeGreaterThan(1);
  for (const name of names) {
    const text = await readFile(path.join(examples, name), 'utf8');
    expect((await checked(text, examples)).mistakes).toEqual([]);
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
  }
});

test('the schema refuses a step of two kinds and a setting that is none', () => {
  const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
  const step = { linkis: { code: 'select 1', engine: 'spark-2.4.3', runType: 'sql' } };
  expect(validate({ name: 'a', steps: { b: step } })).toBe(true);
  expect(validate({ name: 'a', steps: { b: { ...step, approval: { message: 'x' } } } })).toBe(
    false,
  );
  expect(validate({ name: 'a', steps: { b: { ...step, need: ['c'] } } })).toBe(false);
});

test('pictures name each step and say which arrows are for failures', async () => {
  const steps = `a-1: { ${task} }\nb: { approval: { message: go }, needs: [a-1] }\nc: { ${task}, needs: [b], when: failure }`;
  const { definition } = await checked(withSteps(steps));
  expect(mermaid(definition)).toBe(`%% etl
flowchart LR
  s0("a-1<br/><small>linkis</small>")
  s1{{"b<br/><small>approval</small>"}}
  s2("c<br/><small>linkis</small>")
  s0 --> s1
  s1 -.->|failure| s2
`);
  const svg = drawPipeline(definition);
  for (const word of ['>a-1<', '>b<', '>c<', '>failure<', '>approval<'])
    expect(svg).toContain(word);
  expect(svg).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
});

test('whatever a file holds is told, never thrown', async () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  const step = fc.record(
    {
      linkis: value,
      sqlflow: value,
      chain: value,
      approval: value,
      needs: value,
      when: value,
      retry: value,
      timeout: value,
    },
    { requiredKeys: [] },
  );
  const pipeline = fc.record(
    {
      name: value,
      params: fc.oneof(value, fc.dictionary(fc.string(), value)),
      steps: fc.oneof(value, fc.dictionary(fc.string(), fc.oneof(value, step))),
      onCancel: value,
      timeZone: value,
    },
    { requiredKeys: [] },
  );
  const text = fc.oneof(
    fc.string(),
    pipeline.map((one) => JSON.stringify(one)),
  );
  await fc.assert(
    fc.asyncProperty(text, async (written) => {
      for (const { line, column, problem } of (await checked(written)).mistakes) {
        expect(line).toBeGreaterThan(0);
        expect(column).toBeGreaterThan(0);
        expect(problem).not.toBe('');
      }
    }),
  );
});
