import fc from 'fast-check';
import { sqlflowStatus } from '../../src/clients/sqlflow/status';
import { closeAll, fixture, scripted, type Scripted } from '../clients/sqlflow/service';
import { replies, text, type Reply } from './generated';
import { outcomeOf, type Outcome } from './outcome';

const signal = new AbortController().signal;
const jobId = 'c359aef4bd9641d697732422debd8055';

let service: Scripted;
let reply: Reply;
beforeAll(async () => {
  service = await scripted((call) =>
    call.endpoint === 'generateToken' ? fixture('generate-token.json') : reply,
  );
});
afterAll(closeAll);

/** The words after which a run of a job is over, as SQLFlow's documentation has them. */
const ends = ['success', 'partial_success', 'fail', 'delete'];
const hasEnded = (status: string) =>
  ['succeeded', 'partiallySucceeded', 'failed', 'deleted'].includes(sqlflowStatus(status));

function property<T>(
  sound: string,
  ask: () => Promise<T>,
  check: (outcome: Outcome<T>) => void = () => undefined,
) {
  return fc.assert(
    fc.asyncProperty(replies(JSON.parse(fixture(sound))), async (generated) => {
      reply = generated;
      const outcome = await outcomeOf(ask);
      if ('value' in outcome) expect(isGranted()).toBe(true);
      check(outcome);
    }),
    { numRuns: 120 },
  );
}

function isGranted(): boolean {
  const { code } = JSON.parse(reply.text) as { code?: unknown };
  return reply.status >= 200 && reply.status <= 299 && [200, 203].includes(Number(code));
}

function expectHonest(statuses: readonly string[]): void {
  for (const status of statuses.filter(hasEnded)) {
    expect(ends).toContain(status.trim().toLowerCase());
    const said = [...reply.text.matchAll(/"status":("(?:[^"\\]|\\.)*")/g)];
    expect(said.map((match) => JSON.parse(match[1] ?? '') as string)).toContain(status);
  }
}

test('no word but the four documented ones ends a job', () => {
  fc.assert(
    fc.property(text, (word) => {
      expect(hasEnded(word)).toBe(ends.includes(word.trim().toLowerCase()));
    }),
  );
});

test.each(['summary.json', 'summary-list-shaped.json', 'summary-failed.json', 'warnings-203.json'])(
  'no answer about a job (%s) crashes the client, is of another job, or an end it did not say',
  (sound) =>
    property(
      sound,
      () => service.client.displayUserJobSummary({ jobId }, signal),
      (outcome) => {
        if (!('value' in outcome)) return;
        expect(outcome.value.jobId.toLowerCase()).toBe(jobId);
        expectHonest([outcome.value.status]);
      },
    ),
);

test('no list of jobs crashes the client or ends a job by itself', () =>
  property(
    'jobs-summary.json',
    () => service.client.displayUserJobsSummary(signal),
    (outcome) => {
      if ('value' in outcome) expectHonest(outcome.value.jobs.map(({ status }) => status));
    },
  ));

test('no answer to a submit crashes the client or makes a job without an id', () =>
  property(
    'submit.json',
    () =>
      service.client.submitUserJob(
        {
          jobName: 'job1',
          dbVendor: 'dbvhive',
          database: undefined,
          files: [],
          sqlText: 'select 1',
        } as never,
        signal,
      ),
    (outcome) => {
      if (!('value' in outcome)) return;
      expect(outcome.value.jobId).toMatch(/\S/);
      expectHonest([outcome.value.status]);
    },
  ));

test('no answer to a removal crashes the client, and none but a granted one removes the job', () =>
  property('deleted.json', () => service.client.deleteUserJob(jobId, signal)));

test('no answer to a rerun crashes the client', () =>
  property('rerun.json', () => service.client.rerunJob({ jobId, jobName: 'job1' }, signal)));

test('no answer to a request for a token crashes the client or is taken for a token', async () => {
  const tokens = await scripted(() => reply);
  await property(
    'generate-token.json',
    () => tokens.client.generateToken(signal),
    (outcome) => {
      if ('value' in outcome) expect(outcome.value).toMatch(/\S/);
    },
  );
});
