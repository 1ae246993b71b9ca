const Sequencer = require('@jest/test-sequencer').default;

/**
 * Specs that wait for half a minute or more begin first, so that none of them is the last to run.
 * Jest goes by what it remembers of an earlier run, and by a spec's size in a fresh clone.
 */
const longest = [
  'workflows/worker-crash',
  'workflows/twins',
  'fire/crash-sample',
  'workflows/chain-crash',
  'workflows/kill',
  'activities/every-activity',
  'workflows/linkis-task',
  'workflows/sqlflow-job',
  'workflows/chain-year',
  'integration/secrets',
  'activities/kill',
  'workflows/refresh-faults',
  'activities/submission',
  'workflows/chain-handover',
  'local/killed-process',
  'cli/orphans',
  'cli/jobs',
  'activities/collect-kills',
  'activities/waiting-sqlflow',
  'activities/waiting',
];

const place = ({ path }) => {
  const at = longest.findIndex((spec) => path.endsWith(`/test/${spec}.test.ts`));
  return at < 0 ? longest.length : at;
};

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
};
