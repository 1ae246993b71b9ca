import {
  sqlflowStatusSource,
  type SqlFlowSourceOptions,
} from '../../activities/sqlflow/watch-source';
import type { Admission } from '../../src/clients/http/admission';
import { closeAll, fixture, scripted, type Call, type Reply } from '../clients/sqlflow/service';

const signal = new AbortController().signal;

afterEach(async () => {
  jest.restoreAllMocks();
  await closeAll();
});

interface Job {
  readonly jobId: string;
  status: string;
  readonly fileNames?: readonly string[];
}

/** An account, and what is asked of it. */
async function account(jobs: readonly Job[], options?: SqlFlowSourceOptions) {
  const state = { list: undefined as Reply | undefined, padding: 0 };
  const background: boolean[] = [];
  const admission: Admission = {
    admit: async (priority) => void background.push(priority === 'background'),
    answered: () => undefined,
    failed: () => undefined,
  };
  const answer = (call: Call): Reply | string => {
    if (call.endpoint === 'generateToken') return fixture('generate-token.json');
    if (call.endpoint === 'displayUserJobsSummary') {
      const others = { jobId: 'other', status: 'success', fileNames: ['x'.repeat(state.padding)] };
      return state.list ?? granted({ total: 1, jobDetails: [others, ...jobs] });
    }
    const job = jobs.find(({ jobId }) => jobId === call.fields.jobId);
    return job === undefined ? '{"code":404,"error":"job not found"}' : granted(job);
  };
  const { client, calls } = await scripted(answer, { admission });
  const source = sqlflowStatusSource(() => Promise.resolve(client), options);
  return {
    state,
    background,
    source,
    /** What one look asks, and sees. */
    async look(...ids: string[]) {
      const before = calls.length;
      const seen = await source.look(ids, signal).catch((error: unknown) => error as Error);
      const endpoints = calls.slice(before).map(({ endpoint }) => endpoint);
      const lists = endpoints.filter((endpoint) => endpoint === 'displayUserJobsSummary').length;
      const singles = endpoints.filter((endpoint) => endpoint === 'displayUserJobSummary').length;
      return { seen, lists, singles };
    },
  };
}

const granted = (data: unknown) => JSON.stringify({ code: 200, data });
const jobsOf = (count: number) =>
  Array.from({ length: count }, (_, index): Job => ({ jobId: `j${index}`, status: 'process' }));
const idsOf = (jobs: readonly Job[]) => jobs.map(({ jobId }) => jobId);

test('one list tells of all jobs that wait, whatever the case of their ids; a single job is asked for by itself', async () => {
  const jobs = jobsOf(50);
  const { look, background } = await account(jobs);
  const all = await look(...idsOf(jobs), 'J7');
  expect(all).toMatchObject({ lists: 1, singles: 0 });
  const asked = await look('J3', 'gone');
  expect(asked.lists).toBe(1);
  expect([...(asked.seen as Map<string, unknown>)]).toMatchObject([
    ['J3', { jobId: 'j3', status: 'process', isListed: true }],
  ]);
  const alone = await look('j1');
  expect(alone).toMatchObject({ lists: 0, singles: 1 });
  expect((await look('gone')).seen).toEqual(new Map());
  // The first call is the one for the token.
  expect(background.slice(1)).not.toContain(false);
});

test('a job that the list shows as before is the same to the watcher, and another once it moved', async () => {
  const [one, two] = jobsOf(2) as [Job, Job];
  const { look, source } = await account([one, two]);
  const first = (await look('j0', 'j1')).seen as Map<string, never>;
  two.status = 'success';
  const then = (await look('j0', 'j1')).seen as Map<string, never>;
  const isSame = (id: string) => source.sameAs?.(first.get(id) as never, then.get(id) as never);
  expect([isSame('j0'), isSame('j1')]).toEqual([true, false]);
  expect(then.get('j1')).toMatchObject({ status: 'success' });
});

test('a few jobs beside a long list are asked for one by one, and more of them by the list again', async () => {
  const jobs = jobsOf(9);
  const { look, source, state } = await account(jobs);
  state.padding = 2_000_000;
  expect(await look('j0', 'j1')).toMatchObject({ lists: 1, singles: 0 });
  // The longer the answer, the longer the rest after it.
  expect(source.restMs).toBeGreaterThan(40);
  expect(await look('j0', 'j1', 'j2')).toMatchObject({ lists: 0, singles: 3 });
  expect(source.restMs).toBe(0);
  expect(await look(...idsOf(jobs))).toMatchObject({ lists: 1, singles: 0 });
  state.padding = 10;
  await look(...idsOf(jobs));
  expect(await look('j0', 'j1')).toMatchObject({ lists: 1, singles: 0 });
});

test('where requests are counted, the list is always the cheaper one', async () => {
  const { look, state } = await account(jobsOf(3), { requestsAreScarce: true });
  state.padding = 2_000_000;
  await look('j0', 'j1');
  expect(await look('j0', 'j1')).toMatchObject({ lists: 1, singles: 0 });
});

test('a list that fails again and again is left for a while: a minute, and longer each time it fails again', async () => {
  const { look, source, state } = await account(jobsOf(3));
  let nowMs = 1_000_000;
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  state.list = { status: 502, text: 'too long' };
  for (let failure = 1; failure <= 3; failure += 1) {
    expect(source.idsPerLook).toBe(Infinity);
    expect((await look('j0', 'j1')).seen).toMatchObject({ code: 'Http.502' });
    // Single jobs are answered: what is out of order is the list.
    expect(await look('j2')).toMatchObject({ lists: 0, singles: 1 });
  }
  expect(source.idsPerLook).toBe(1);
  expect(await look('j0', 'j1')).toMatchObject({ lists: 0, singles: 2 });
  nowMs += 61_000;
  expect(source.idsPerLook).toBe(Infinity);
  await look('j0', 'j1');
  nowMs += 61_000;
  expect(source.idsPerLook).toBe(1);
  nowMs += 60_000;
  expect(source.idsPerLook).toBe(Infinity);
  state.list = undefined;
  expect(await look('j0', 'j1')).toMatchObject({ lists: 1 });
  state.list = { status: 502, text: 'too long' };
  await look('j0', 'j1');
  expect(source.idsPerLook).toBe(Infinity);
});

test.each([
  ['a rate limit', { status: 429, text: '{"code":429}' }],
  ['an unavailable service', { status: 503, text: 'later' }],
  ['a busy service', { text: '{"code":500,"error":"Sorry, the service is busy."}' }],
  ['an expired account', { text: '{"code":403,"error":"expired"}' }],
])('%s says nothing of the list', async (_what, reply) => {
  const { look, source, state } = await account(jobsOf(2));
  state.list = reply;
  for (let failure = 1; failure <= 5; failure += 1) {
    expect((await look('j0', 'j1')).seen).toBeInstanceOf(Error);
  }
  expect(source.idsPerLook).toBe(Infinity);
});

test('names of files are held for no job that is watched', async () => {
  const { look } = await account([{ jobId: 'a', status: 'create', fileNames: ['a.sql'] }]);
  for (const ids of [['a'], ['a', 'b']]) {
    const seen = (await look(...ids)).seen as Map<string, unknown>;
    expect(seen.get('a')).toMatchObject({ status: 'create' });
    expect(seen.get('a')).not.toHaveProperty('fileNames');
  }
});
