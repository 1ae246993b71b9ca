import fc from 'fast-check';
import { stepOutputs } from '../../src/contracts/pipeline';
import { parsePipelineText } from '../../src/contracts/pipeline-expressions';
import { checkPipeline } from '../../src/pipeline-files/check-pipeline';
import { mistakeLine } from '../../src/pipeline-files/places';
import { readPipeline } from '../../src/pipeline-files/read-pipeline';
import { ExpressionError, renderBody, type Scope } from '../../src/pipeline-files/render-body';
import { text } from './generated';

const { signal } = new AbortController();

const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/);
const inner = fc.oneof(
  name.map((param) => `params.${param}`),
  fc.tuple(name, name).map(([step, output]) => `steps.${step}.${output}`),
  fc.constantFrom(
    'scheduledTime',
    'scheduledDate -1d | yyyyMMdd',
    'params.day +1mo | yyyy',
    'params.',
    'steps..',
    'params.constructor',
    'steps.__proto__.jobId',
    '__proto__',
    'constructor | yyyy',
    'x | y',
    '',
  ),
  text,
);
const braced = fc
  .array(
    fc.oneof(
      text,
      inner.map((words) => `{{${words}}}`),
      fc.constantFrom('{{', '}}', '{{{{', '{'),
    ),
    { maxLength: 6 },
  )
  .map((pieces) => pieces.join(''));

const scope: Scope = {
  params: { day: '2026-05-01', engine: 'spark-2.4.3' },
  outputs: { load: { taskId: '1', rows: 3 } },
  scheduledAtMs: Date.UTC(2026, 4, 2, 2),
  timeZone: 'Europe/Vienna',
};

/** A step as a person could have meant it, and as none would. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  braced,
  fc.constantFrom(null, true, 0, -1, 1e308, 'spark-2.4.3', 'sql', '2h', 'failure', 'a'),
  fc.jsonValue({ maxDepth: 2 }),
);
const key = fc.oneof(
  fc.constantFrom('code', 'file', 'files', 'engine', 'runType', 'dbvendor', 'name', 'message'),
  fc.constantFrom('needs', 'when', 'retry', 'timeout', 'gate', 'resubmit', 'variables', 'exports'),
  fc.constantFrom('constructor', '__proto__', 'toString'),
  name,
);
const body = fc.dictionary(key, value, { maxKeys: 5 });
const step = fc.oneof(
  fc.record(
    {
      linkis: fc.oneof(body, value),
      sqlflow: fc.oneof(body, value),
      chain: body,
      approval: fc.oneof(body, value),
      needs: fc.oneof(fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c'), name)), value),
      when: value,
      retry: value,
      timeout: value,
    },
    { requiredKeys: [] },
  ),
  value,
);
const file = fc.record(
  {
    name: value,
    params: fc.oneof(fc.dictionary(key, fc.oneof(body, value), { maxKeys: 3 }), value),
    maxParallel: value,
    timeZone: value,
    timeout: value,
    onCancel: value,
    steps: fc.oneof(
      fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', 'c'), key), step, { maxKeys: 5 }),
      value,
    ),
  },
  { requiredKeys: [] },
);

test('a text without double braces stays as it is; any other is filled in, or refused by name', () => {
  fc.assert(
    fc.property(braced, (written) => {
      const parts = parsePipelineText(written);
      if (!written.includes('{{')) expect(renderBody(written, scope)).toBe(written);
      try {
        expect(typeof renderBody({ code: written }, scope).code).toBe('string');
        expect(typeof parts).not.toBe('string');
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
        expect((error as Error).message).toMatch(/^code: /);
      }
    }),
  );
});

test('what an expression stands for is text and is never read again', () => {
  fc.assert(
    fc.property(braced, braced, (engine, taskId) => {
      const filled = renderBody('{{params.engine}} {{steps.load.taskId}}', {
        ...scope,
        params: { engine },
        outputs: { load: { taskId } },
      });
      expect(filled).toBe(`${engine} ${taskId}`);
    }),
  );
});

test('a text with its braces doubled stands for itself', () => {
  fc.assert(
    fc.property(braced, (written) => {
      const plain = written.replaceAll(/\{\{+/g, '{');
      expect(renderBody(`{{{{${plain}`, scope)).toBe(`{{${plain}`);
    }),
  );
});

test('an output is known by its own name alone, whatever the prototype of a table has', () => {
  for (const outputs of Object.values(stepOutputs)) {
    expect(Object.hasOwn(outputs, 'constructor')).toBe(false);
  }
  const written = (expression: string) => `
name: p
steps:
  a: { approval: { message: go } }
  b: { approval: { message: '${expression}' }, needs: [a] }
`;
  return Promise.all(
    ['{{steps.a.constructor}}', '{{params.constructor}}', '{{steps.constructor.jobId}}'].map(
      async (expression) => {
        const options = { file: 'p.yaml', folder: '/', signal };
        const { mistakes } = await checkPipeline(written(expression), options);
        expect(mistakes).toHaveLength(1);
      },
    ),
  );
});

test('whatever a text is, reading it names mistakes at places of the file and never throws', () => {
  fc.assert(
    fc.property(fc.oneof(text, braced, fc.json()), (written) => {
      const { places, definition } = readPipeline(written, 'p.yaml');
      expect(places.mistakes.length).toBeGreaterThan(0);
      expect(definition.steps).toEqual([]);
      const lines = written.split('\n').length;
      for (const { line, column } of places.mistakes) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(lines);
        expect(column).toBeGreaterThanOrEqual(1);
      }
    }),
  );
});

test('whatever stands in the settings, the check answers with lines that name file and place', async () => {
  await fc.assert(
    fc.asyncProperty(file, async (settings) => {
      const written = JSON.stringify(settings);
      const options = { file: 'p.yaml', folder: '/nowhere', signal };
      const { mistakes, definition } = await checkPipeline(written, options);
      for (const mistake of mistakes) {
        expect(mistakeLine(mistake)).toMatch(/^p\.yaml:\d+:\d+: \S/);
      }
      expect(mistakes.length > 0 || definition.steps.length > 0).toBe(true);
    }),
  );
});
