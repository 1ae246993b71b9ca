import { testTemporal, type TestTemporal } from '../support/temporal';
import { runCell, type Cell } from './cell';
import type { Moment } from './proxy';
import { Random } from './random';
import { crashScenarios, type Scenario } from './scenarios';
import { openStage, type OpenStage } from './stage';

/** A sample of `npm run test:crash`, which takes minutes; its harness, its checks. */
let temporal: TestTemporal;
let stage: OpenStage;

beforeAll(async () => {
  temporal = await testTemporal();
  stage = await openStage(temporal.address, temporal.workflowBundle.codePath);
});
afterAll(async () => {
  await stage.close();
  await temporal.close();
});

function scenario(name: string): Scenario {
  const found = crashScenarios.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no scenario is called "${name}"`);
  return found;
}

/** Without an endpoint nothing is killed. */
function cell(name: string, endpoint: string, moment: Moment, call = 1): Cell {
  const strikes = endpoint === '' ? [] : [{ endpoint, call, moment }];
  return { scenario: scenario(name), row: endpoint, column: moment, strikes };
}

/** The moment of one more kill, by a fixed seed; `npm run test:crash` draws others. */
const drawn = new Random(4).between(8, 20);

test('workers killed at the worst moments leave one remote job each, its log and results whole, nothing running', async () => {
  const results = await Promise.all(
    [
      cell('SQLFlow simple job', '', 'after reply'),
      cell('SQLFlow simple job', 'submitUserJob', 'after effect'),
      cell('SQLFlow cancel', 'deleteUserJob', 'after effect'),
      cell('SQLFlow chain, a changed file', 'submitPersistJob', 'after effect'),
      cell('SQLFlow chain, rebuild', 'deleteUserJob', 'after effect'),
      cell('Linkis 1.x', '', 'after reply'),
      cell('Linkis 1.x', 'entrance/submit', 'after effect'),
      cell('Linkis 1.x', 'filesystem/openFile', 'after reply'),
      cell('Linkis 1.x, its own log out of reach', '*', 'after reply', drawn),
      cell('Linkis cancel', 'entrance/:id/kill', 'after effect'),
    ].map((one) => runCell(stage, one)),
  );
  const wrong = results.filter(({ problems }) => problems.length > 0);
  expect(wrong.map(({ cell, problems }) => [cell.scenario.name, cell.row, problems])).toEqual([]);
  expect(results.map(({ kills }) => kills > 0)).toEqual(
    results.map(({ cell }) => cell.strikes.length > 0),
  );
  const whole = new Map(
    results.filter(({ kills }) => kills === 0).map(({ cell, left }) => [cell.scenario, left]),
  );
  for (const { cell, left } of results) {
    const expected = whole.get(cell.scenario);
    if (expected !== undefined) expect(left).toEqual(expected);
  }
}, 300_000);
