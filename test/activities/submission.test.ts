import { randomUUID } from 'node:crypto';
import { CancelledFailure } from '@temporalio/common';
import type { Fault } from '../../src/local/http/fault';
import type { LocalService } from '../../src/local/http/service';
import { LocalLinkis } from '../../src/local/linkis/local-linkis';
import { LocalSqlFlow } from '../../src/local/sqlflow/local-sqlflow';
import { sideBySide } from '../support/side-by-side';
import { until } from '../support/until';
import { activityStack, Attempt, type ActivityStack } from './support';

let sqlflow: LocalSqlFlow;
let linkis: LocalLinkis;
let stack: ActivityStack;
let persistJobId: string;

beforeAll(async () => {
  [sqlflow, linkis] = await Promise.all([
    LocalSqlFlow.start({ jobDelayMs: 0 }),
    LocalLinkis.start(),
  ]);
  stack = await activityStack(
    { sqlflow, linkis },
    { secrets: { MISSING: { env: 'NO_SUCH_VARIABLE_ANYWHERE' } } },
  );
  const made = await stack.run('sqlflowSubmitPersistJob', { job: await job(), key: randomUUID() });
  persistJobId = made.remoteId;
  await idle();
});
afterEach(() => {
  sqlflow.service.setFaults(undefined);
  linkis.service.setFaults(undefined);
});
afterAll(async () => {
  await stack.close();
  await Promise.all([sqlflow.close(), linkis.close()]);
});

async function job() {
  const files = await stack.stage({ 'a.sql': 'select a from b' });
  return { jobName: 'once', dbVendor: 'dbvhive', files };
}

/** The persist job takes another submit only once it has ended. */
async function idle(): Promise<void> {
  await until(async () => {
    return (await stack.run('sqlflowGetJob', { jobId: persistJobId })).status === 'success';
  });
}

const code = { code: 'select 1', engine: 'spark-2.4.3', runType: 'sql' };

type Submit = 'sqlflowSubmitJob' | 'sqlflowSubmitPersistJob' | 'linkisSubmitTask';

interface Subject {
  readonly name: string;
  readonly activity: Submit;
  readonly endpoint: string;
  service(): LocalService;
  input(key: string): Promise<never>;
}

const subjects: readonly Subject[] = [
  {
    name: 'a simple SQLFlow job',
    activity: 'sqlflowSubmitJob',
    endpoint: 'submitUserJob',
    service: () => sqlflow.service,
    input: async (key) => ({ job: await job(), key }) as never,
  },
  {
    name: 'a persist job without a jobId',
    activity: 'sqlflowSubmitPersistJob',
    endpoint: 'submitPersistJob',
    service: () => sqlflow.service,
    input: async (key) => ({ job: await job(), key }) as never,
  },
  {
    name: 'a persist job with its jobId',
    activity: 'sqlflowSubmitPersistJob',
    endpoint: 'submitPersistJob',
    service: () => sqlflow.service,
    input: async (key) => {
      await idle();
      return { job: { ...(await job()), jobId: persistJobId }, key } as never;
    },
  },
  {
    name: 'a Linkis task',
    activity: 'linkisSubmitTask',
    endpoint: 'submit',
    service: () => linkis.service,
    input: async (key) => ({ task: code, key }) as never,
  },
];

describe.each(subjects)('$name', ({ activity, endpoint, service, input }) => {
  /** Requests that the service took; its faults come after that or instead of it. */
  function taken(): number {
    return service().calls.filter((call) => call.endpoint === endpoint).length;
  }

  function meets(fault: Partial<Fault>): void {
    service().setFaults({ faults: [{ endpoint, calls: [1], ...fault }] });
  }

  /** What the server holds of an attempt when the next one begins. */
  function next(first: Attempt, attempt = 2): Attempt {
    const heartbeatDetails = first.beats.at(-1);
    const { scheduledTimestampMs } = first.environment.context.info;
    return new Attempt({ attempt, heartbeatDetails, scheduledTimestampMs });
  }

  test('is looked for although its attempts are counted from 1 again, after a reset', async () => {
    const asked = await input(randomUUID());
    meets({ do: 'reset', when: 'after' });
    const lostReply = new Attempt();
    await stack.failure(activity, asked, lostReply);
    const { scheduledTimestampMs } = lostReply.environment.context.info;
    const reset = new Attempt({
      attempt: 1,
      heartbeatDetails: activity === 'sqlflowSubmitPersistJob' ? lostReply.beats.at(-1) : undefined,
      scheduledTimestampMs,
      currentAttemptScheduledTimestampMs: scheduledTimestampMs + 60_000,
    });
    const before = taken();
    expect((await stack.run(activity, asked, reset)).decision).toMatch(/^adopted/);
    expect(taken()).toBe(before);
  });

  test('is not sent where the server says, before the SDK does, that it was cancelled', async () => {
    const asked = await input(randomUUID());
    const cancelled = new Attempt({ attempt: 2, heartbeatDetails: { maySent: 0 } });
    cancelled.isCancelled = true;
    const before = taken();
    expect(await stack.failure(activity, asked, cancelled)).toMatchObject({
      message: 'the submit was cancelled before it was sent',
      details: [{ submitted: 'no' }],
    });
    expect(taken()).toBe(before);
  });

  test('can have no twin after one request, and may have one after two', async () => {
    const asked = await input(randomUUID());
    expect(await stack.run(activity, asked)).not.toHaveProperty('mayHaveTwin');
    const again = await input(randomUUID());
    meets({ do: 'reset', when: 'after' });
    const lostReply = new Attempt();
    await stack.failure(activity, again, lostReply);
    expect(await stack.run(activity, again, next(lostReply))).not.toHaveProperty('mayHaveTwin');
    const third = await input(randomUUID());
    meets({ do: 'reset' });
    const noEffect = new Attempt();
    await stack.failure(activity, third, noEffect);
    expect(await stack.run(activity, third, next(noEffect))).toMatchObject({ mayHaveTwin: true });
  });

  test('is submitted at the first attempt without a look for an earlier one', async () => {
    const asked = await input(randomUUID());
    const before = service().calls.length;
    expect(await stack.run(activity, asked)).toMatchObject({ decision: 'freshSubmit' });
    const looked = service()
      .calls.slice(before)
      .map((call) => call.endpoint);
    expect(looked).not.toContain('displayUserJobsSummary');
    expect(looked).not.toContain('jobhistory/list');
  });

  test('is adopted at the second attempt when the reply to the first was lost', async () => {
    const asked = await input(randomUUID());
    const before = taken();
    meets({ when: 'after', do: 'reset' });
    const first = new Attempt();
    const failure = await stack.failure(activity, asked, first);
    expect(failure).toMatchObject({
      type: 'Service.Unreachable',
      nonRetryable: false,
      details: [{ submitted: 'maybe' }],
    });
    expect(await stack.run(activity, asked, next(first))).toMatchObject({
      decision: expect.stringMatching(/^adopted/),
    });
    expect(taken()).toBe(before + 1);
  });

  test('is adopted at the second attempt when the first one crashed without a word', async () => {
    const asked = await input(randomUUID());
    const first = new Attempt();
    const submitted = await stack.run(activity, asked, first);
    const before = taken();
    const again = await stack.run(activity, asked, next(first));
    expect(again).toMatchObject({ decision: expect.stringMatching(/^adopted/) });
    expect(again.remoteId).toBe(submitted.remoteId);
    expect(taken()).toBe(before);
  });

  test('is submitted at the second attempt when the first request took no effect', async () => {
    const asked = await input(randomUUID());
    const before = taken();
    meets({ do: 'drop' });
    const first = new Attempt();
    expect((await stack.failure(activity, asked, first)).details).toEqual([{ submitted: 'maybe' }]);
    expect(await stack.run(activity, asked, next(first))).toMatchObject({
      decision: 'freshSubmit',
    });
    expect(taken()).toBe(before + 2);
  });

  test('is sent again without a look when the service surely refused the first request', async () => {
    const asked = await input(randomUUID());
    meets({ do: 'status', status: 429, retryAfter: 3 });
    const first = new Attempt();
    const failure = await stack.failure(activity, asked, first);
    expect(failure).toMatchObject({
      type: 'Service.Busy',
      nonRetryable: false,
      nextRetryDelay: 3000,
      details: [{ submitted: 'no' }],
    });
    expect(first.beats.at(-1)).toMatchObject({ maySent: 0 });
    const before = service().calls.length;
    const second = next(first);
    expect(await stack.run(activity, asked, second)).toMatchObject({ decision: 'freshSubmit' });
    const looked = service()
      .calls.slice(before)
      .map((call) => call.endpoint);
    expect(looked).not.toContain('displayUserJobsSummary');
    expect(looked).not.toContain('jobhistory/list');
    // Before it sent, it took back the word that nothing was sent: a crash now must not say so.
    expect(second.recorded.at(-1)).toMatchObject({ maySent: 1 });
  });

  test('stays uncertain once one attempt was, whatever a later one meets', async () => {
    const asked = await input(randomUUID());
    meets({ do: 'drop' });
    const first = new Attempt();
    await stack.failure(activity, asked, first);
    meets({ do: 'status', status: 429 });
    const second = next(first);
    const failure = await stack.failure(activity, asked, second);
    expect(failure.details).toEqual([{ submitted: 'maybe' }]);
    expect(second.beats.at(-1)).toMatchObject({ maySent: 1 });
  });

  test('is not retried where the service says no, and is said to be unsent', async () => {
    const asked = await input(randomUUID());
    meets({ do: 'status', status: 413 });
    expect(await stack.failure(activity, asked)).toMatchObject({
      type: 'Service.Rejected',
      nonRetryable: true,
      details: [{ submitted: 'no' }],
    });
  });

  test('ends as cancelled where the cancel comes before the request', async () => {
    const asked = await input(randomUUID());
    const before = taken();
    const attempt = new Attempt();
    attempt.environment.cancel();
    await expect(stack.run(activity, asked, attempt)).rejects.toThrow(CancelledFailure);
    expect(taken()).toBe(before);
  });
});

test('what is wrong with an input is told at once, every mistake, and nothing is sent', async () => {
  const before = [sqlflow.service.calls.length, linkis.service.calls.length];
  const wrongJob = { jobName: ' ', dbVendor: '', files: [] };
  const wrongTask = { code: '', engine: 'spark', runType: '' };
  const failures = [
    await stack.failure('sqlflowSubmitJob', { job: wrongJob, key: 'key' }),
    await stack.failure('sqlflowSubmitPersistJob', { job: wrongJob, key: 'key' }),
    await stack.failure('linkisSubmitTask', { task: wrongTask, key: 'key' }),
  ];
  for (const failure of failures) {
    expect(failure).toMatchObject({
      type: 'RemoteJob.InvalidInput',
      nonRetryable: true,
      details: [{ submitted: 'no' }],
    });
    const fields = failure.message.includes('engine')
      ? ['code', 'engine', 'runType']
      : ['jobName', 'dbVendor', 'files'];
    for (const field of fields) expect(failure.message).toContain(`${field}:`);
  }
  expect([sqlflow.service.calls.length, linkis.service.calls.length]).toEqual(before);
});

test('what this worker lacks is told before anything is sent', async () => {
  const gone = {
    name: 'gone.sql',
    artifact: { uri: 'artifact:inputs/gone', format: 'sql', sizeBytes: 5, sha256: '0' },
  } as const;
  const strange = { ...gone, artifact: { ...gone.artifact, uri: 'file:///etc/passwd' } };
  const database = { hostname: 'db', port: 1, account: 'a', password: { secret: 'MISSING' } };
  const oneJob = { jobName: 'a', dbVendor: 'dbvhive' };
  const runtime = { 'jdbc.password': { secret: 'MISSING' } };
  const key = 'key';
  const failures = [
    await stack.failure('sqlflowSubmitJob', { job: { ...oneJob, database }, key }),
    await stack.failure('sqlflowSubmitJob', { job: { ...oneJob, files: [gone] }, key }),
    await stack.failure('linkisSubmitTask', { task: { ...code, runtime }, key }),
    await stack.failure('linkisSubmitTask', {
      task: { ...code, code: undefined, codeFile: gone },
      key,
    }),
    await stack.failure('linkisSubmitTask', {
      task: { ...code, code: undefined, codeFile: strange },
      key,
    }),
    await stack.failure('linkisSubmitTask', { task: { ...code, connection: 'none' }, key }),
    await stack.failure('linkisSubmitTask', { task: { ...code, user: 'bob' }, key }),
  ];
  for (const failure of failures) {
    expect(failure).toMatchObject({ nonRetryable: true, details: [{ submitted: 'no' }] });
    expect(failure.type).toMatch(/^RemoteJob\.(Configuration|InvalidInput)$/);
  }
});

describe('a service that hangs', () => {
  // Of its own: what hangs here takes effect while other tests run.
  let hanging: LocalSqlFlow;
  let own: ActivityStack;
  const stories = sideBySide();
  beforeAll(async () => {
    hanging = await LocalSqlFlow.start();
    hanging.service.setFaults({ faults: [{ endpoint: 'submitUserJob', delayMs: 3_600_000 }] });
    own = await activityStack({ sqlflow: hanging });
    stories.begin();
  });
  afterAll(async () => {
    await own.close();
    await hanging.close();
  });

  async function given(times: {
    scheduleToCloseTimeoutMs?: number;
    startToCloseTimeoutMs?: number;
  }) {
    const files = await own.stage({ 'a.sql': 'select a from b' });
    const input = { job: { jobName: 'once', dbVendor: 'dbvhive', files }, key: randomUUID() };
    return await own.failure('sqlflowSubmitJob', input, new Attempt(times));
  }

  stories.test(
    'lets the submit end by itself before the server would give it up with its request under way',
    async () => {
      expect(await given({ scheduleToCloseTimeoutMs: 8000 })).toMatchObject({
        type: 'RemoteJob.DeadlineExceeded',
        nonRetryable: true,
        details: [{ submitted: 'maybe' }],
      });
    },
  );

  stories.test('is tried again where only the time of one attempt was up', async () => {
    expect(await given({ startToCloseTimeoutMs: 8000 })).toMatchObject({
      nonRetryable: false,
      details: [{ submitted: 'maybe' }],
    });
  });
});
