import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { temporal as proto } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import * as workflows from '../../workflows/public';
import { testTemporal, type TestTemporal } from '../support/temporal';
import { scenarios } from './scenarios';
import { recorder, secrets } from './scrub';

const { History } = proto.api.history.v1;
const folder = path.join(__dirname, 'recorded');
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bin'))
  .map((file) => path.basename(file, '.bin'));

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await testTemporal();
});
afterAll(() => temporal.close());

function recorded(name: string) {
  return History.decode(readFileSync(path.join(folder, `${name}.bin`)));
}

/** The mistakes of a replay, by the names of the histories. */
async function replay(
  histories: Iterable<{ workflowId: string; history: proto.api.history.v1.History }>,
): Promise<Record<string, string>> {
  const problems: Record<string, string> = {};
  const { workflowBundle } = temporal;
  for await (const result of Worker.runReplayHistories({ workflowBundle }, histories)) {
    if (result.error) problems[result.workflowId] = result.error.message;
  }
  return problems;
}

test('every recorded history goes the same way through the present workflows', async () => {
  const histories = names.map((name) => ({ name, history: recorded(name) }));
  expect(histories.length).toBeGreaterThan(0);
  const nameOf = new Map<string, string>();
  const withIds = histories.map(({ name, history }) => {
    // A pipeline names its steps by its own id.
    const [started] = history.events;
    const workflowId = started?.workflowExecutionStartedEventAttributes?.workflowId || name;
    nameOf.set(workflowId, name);
    return { workflowId, history };
  });
  const problems = Object.entries(await replay(withIds));
  expect(problems.map(([id, problem]) => [nameOf.get(id), problem])).toEqual([]);
});

test('a history that the workflows would not write is found', async () => {
  const history = recorded('linkisTask-succeeded');
  const scheduled = history.events.find((event) => event.activityTaskScheduledEventAttributes);
  Object.assign(scheduled?.activityTaskScheduledEventAttributes?.activityType ?? {}, {
    name: 'linkisSubmitOtherwise',
  });
  const problems = await replay([{ workflowId: 'changed', history }]);
  expect(problems.changed).toMatch(/nondeterminism/i);
});

test('every workflow has a history, and every scenario of the recorder has been recorded', () => {
  const types = Object.entries(workflows).flatMap(([name, exported]) =>
    // A step of other workflows, exported beside them.
    typeof exported === 'function' && name !== 'remoteJob' ? [name] : [],
  );
  const covered = new Set(names.map((name) => name.split('-')[0]));
  expect(types.filter((type) => !covered.has(type))).toEqual([]);
  expect(scenarios.map(({ name }) => name).filter((name) => !names.includes(name))).toEqual([]);
});

test('no recorded history tells of the machine it was recorded on, or holds a secret', () => {
  for (const name of names) {
    const text = JSON.stringify(recorded(name).toJSON());
    const identities = [...text.matchAll(/"identity":"([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(identities)).toEqual(new Set([recorder]));
    expect(text).not.toMatch(/"stackTrace":"[^"]/);
    const bytes = readFileSync(path.join(folder, `${name}.bin`)).toString('latin1');
    for (const secret of Object.values(secrets)) expect(bytes).not.toContain(secret);
  }
});
