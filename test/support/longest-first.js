const Sequencer = require('@jest/test-sequencer').default;

/**
 * Specs that wait for half a minute or more begin first, so that none of them is the last to run.
 * Jest goes by what it remembers of an earlier run, and by a spec's size in a fresh clone.
 */
const longest = [
  'workflows/twins',
  'workflows/chain-year',
  'workflows/kill',
  'activities/every-activity',
  'activities/collect-kills',
  'workflows/worker-crash',
  'workflows/sqlflow-job',
  'workflows/linkis-task',
  'activities/kill',
  'fire/crash-sample',
  'activities/submission',
  'integration/secrets',
  'workflows/refresh-faults',
  'workflows/chain-handover',
  'activities/waiting-sqlflow',
  'cli/orphans',
  'workflows/chain-crash',
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
