import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { LineageFormat } from '../../src/contracts/sqlflow';
import { checkedExport, checkExport } from '../../src/clients/sqlflow/export-check';
import { closeAll, fixture, scripted } from '../clients/sqlflow/service';
import { replies, text } from './generated';
import { outcomeOf } from './outcome';

const jobId = 'c359aef4bd9641d697732422debd8055';
const endpoint = 'POST /sqlflow/job/export';
afterAll(closeAll);

const exports: [format: LineageFormat, name: string, delimiter: string][] = [
  ['json', 'lineage.json', ','],
  ['json', 'lineage-flat.json', ','],
  ['csv', 'lineage.csv', ','],
  ['csv', 'lineage-quoted.csv', ';'],
  ['graphml', 'lineage.graphml', ','],
];

function sound(name: string): Buffer {
  return readFileSync(path.join(__dirname, '../fixtures/sqlflow', name));
}

/** The id that an export's own envelope names, where it names one. */
function jobIn(name: string): string {
  return name.endsWith('.json')
    ? ((JSON.parse(fixture(name)) as { jobId?: string }).jobId ?? jobId)
    : jobId;
}

async function* pieces(bytes: Uint8Array, cuts: readonly number[]) {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const place of [...places, bytes.length]) {
    yield bytes.subarray(from, place);
    from = place;
  }
}

const cuts = fc.array(fc.nat(), { maxLength: 8 });

test.each(exports)(
  'a sound export (%s, %s) passes wherever it is cut in pieces',
  (format, name, delimiter) => {
    const bytes = sound(name);
    return fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const described = { format, endpoint, jobId: jobIn(name), delimiter };
        const whole = await checkExport(pieces(bytes, []), described);
        expect(await checkExport(pieces(bytes, places), described)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  },
);

test.each(exports.filter(([format]) => format !== 'csv'))(
  'an export (%s, %s) that breaks off anywhere is never taken for whole',
  (format, name) => {
    const bytes = sound(name);
    // White space behind the last bracket may be missing.
    const needed = bytes.toString().trimEnd().length;
    return fc.assert(
      fc.asyncProperty(fc.nat({ max: needed - 1 }), cuts, async (length, places) => {
        const described = { format, endpoint, jobId: jobIn(name) };
        const outcome = await outcomeOf(() =>
          checkExport(pieces(bytes.subarray(0, length), places), described),
        );
        expect(outcome).toHaveProperty('error.code', 'Result.Incomplete');
      }),
    );
  },
);

test('no bytes at all crash the check of an export', () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom<LineageFormat>('json', 'csv', 'graphml'),
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        text.map(Buffer.from),
        fc.json().map(Buffer.from),
      ),
      cuts,
      async (format, bytes, places) => {
        await outcomeOf(() => checkExport(pieces(bytes, places), { format, endpoint, jobId }));
      },
    ),
    { numRuns: 500 },
  ));

test.each([
  ['lineage.json', 'exportLineageAsJson'],
  ['lineage-flat.json', 'exportFullLineageAsJson'],
  ['lineage-summary-only.json', 'exportLineageAsJson'],
  ['export-refused.json', 'exportFullLineageAsCsv'],
  ['export-refused.json', 'exportLineageAsGraphml'],
] as const)('no answer like %s crashes %s or ends well without lineage', async (name, method) => {
  let reply = { status: 200, text: '' };
  const { client } = await scripted((call) =>
    call.endpoint === 'generateToken' ? fixture('generate-token.json') : reply,
  );
  const { signal } = new AbortController();
  await fc.assert(
    fc.asyncProperty(replies(JSON.parse(fixture(name))), async (generated) => {
      reply = generated;
      const outcome = await outcomeOf(async () => {
        const exported = await client[method](jobIn(name), {}, signal);
        let report: unknown;
        for await (const chunk of checkedExport(exported, (seen) => (report = seen))) void chunk;
        return report;
      });
      if (!('value' in outcome)) return;
      expect(reply.status).toBeLessThan(300);
      if (method.endsWith('Json')) expect(reply.text).toMatch(/"(relationships|relations|dbobjs)"/);
    }),
    { numRuns: 120 },
  );
});
