import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { metricBuckets, metricNames } from '../../src/contracts/metric-names';

const root = path.join(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const known = new Set<string>(Object.values(metricNames));
/** Of Temporal's SDK; the worker's own page is compared with these in test/cli/worker-metrics. */
const ofTheSdk = new Set([
  'temporal_worker_task_slots_available',
  'temporal_activity_execution_failed',
  'temporal_request_failure',
]);
const labels = new Set(
  'vendor connection decision outcome class endpoint format kind end event le task_queue worker_type activity_type operation'.split(
    ' ',
  ),
);

/** What a query names that nobody measures: metrics, and labels. */
function unknown(query: string): string[] {
  const metrics = [...query.matchAll(/\b(?:remote_jobs|temporal)_\w+/g)].map(([name]) => name);
  expect(metrics).not.toEqual([]);
  const grouped = [...query.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, names = '']) =>
    names.split(/,\s*/),
  );
  const selected = [...query.matchAll(/\{([^}]*)\}/g)].flatMap(([, body = '']) =>
    [...body.matchAll(/(\w+)\s*[=!]~?"/g)].map(([, name = '']) => name),
  );
  return [
    ...metrics.filter((name) => !isMeasured(name)),
    ...[...grouped, ...selected].filter((name) => !labels.has(name)),
  ];
}

function isMeasured(name: string): boolean {
  if (ofTheSdk.has(name)) return true;
  const base = name.replace(/_(bucket|sum|count)$/, '');
  return base === name
    ? known.has(name) && metricBuckets[name] === undefined
    : metricBuckets[base] !== undefined;
}

function queriesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(queriesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === 'expr' || key === 'query') && typeof inner === 'string' && inner !== 'prometheus'
      ? [inner]
      : queriesOf(inner),
  );
}

test('every query of the Grafana dashboard names a metric and labels that are measured, and every metric has a panel', () => {
  const queries = queriesOf(JSON.parse(read('deploy/grafana/remote-jobs.json')));
  expect(queries.flatMap(unknown).filter((name) => name !== 'label_values')).toEqual([]);
  const all = queries.join('\n');
  expect([...known].filter((name) => !all.includes(name))).toEqual([]);
});

test('every alert names a metric that is measured, and a part of the handbook that says what to do', () => {
  const { groups } = parse(read('deploy/prometheus/alerts.yaml')) as {
    groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
  };
  const headings = new Set(
    [...read('docs/operations.md').matchAll(/^#+ (.*)$/gm)].map(([, words = '']) =>
      words
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replace(/ /g, '-'),
    ),
  );
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(5);
  for (const { alert, expr, annotations } of rules) {
    const [page, anchor = ''] = (annotations.runbook ?? '').split('#');
    expect([alert, unknown(expr), page, headings.has(anchor)]).toEqual([
      alert,
      [],
      'docs/operations.md',
      true,
    ]);
    expect(annotations.summary).toMatch(/\w/);
  }
});

test('an alert on what hardly ever happens hears of the first time, which no increase shows', () => {
  const alerts = read('deploy/prometheus/alerts.yaml');
  const { groups } = parse(alerts) as { groups: { rules: { alert: string; expr: string }[] }[] };
  const tried = read('deploy/prometheus/alerts.test.yaml');
  const rules = groups.flatMap((group) => group.rules);
  const counting = rules.filter(({ expr }) => expr.includes('increase('));
  expect(counting.length).toBeGreaterThan(3);
  for (const { alert, expr } of counting) {
    const [, series = ''] = /increase\((.*?)\[/.exec(expr) ?? [];
    expect([alert, expr]).toEqual([alert, expect.stringContaining(`(last_over_time(${series}[`)]);
  }
  expect(rules.filter(({ alert }) => !tried.includes(`alertname: ${alert}\n`))).toEqual([]);
});

test('the handbook tells of every metric', () => {
  const page = read('docs/operations.md');
  expect([...known].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
