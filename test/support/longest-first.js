const Sequencer = require('@jest/test-sequencer').default;

/**
 * Simulated hours cost seconds in a process that has run no other spec, and minutes in one that has;
 * so does collecting all garbage, which is done to see what memory a table takes.
 */
const inFreshProcesses = [
  'watch/fault',
  'watch/watcher',
  'watch/outage',
  'watch/fairness',
  'artifacts/tables',
];

/**
 * Specs that wait for half a minute or more begin first, so that none of them is the last to run.
 * Jest goes by what it remembers of an earlier run, and by a spec's size in a fresh clone.
 */
const longest = [
  'workflows/worker-crash',
  'workflows/twins',
  'fire/crash-sample',
  'workflows/kill',
  'workflows/pipeline',
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
  'histories/replay',
  'cli/dev',
  'lineage/render/layout',
];

const first = [...inFreshProcesses, ...longest];

const place = ({ path }) => {
  const at = first.findIndex((spec) => path.endsWith(`/test/${spec}.test.ts`));
  return at < 0 ? first.length : at;
};

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => place(a) - place(b));
  }
};
