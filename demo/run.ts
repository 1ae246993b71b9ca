/**
 * The main job, end to end: `npm run demo`. Starts Temporal, the stand-ins and a worker, runs what
 * a user would run, checks that each step did what it should, and leaves `demo-output/`. On a stack
 * that runs already, with the demo's data sets: `--address HOST:PORT --config FILE`.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bold } from 'picocolors';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from '../src/cli/durations';
import { renderTable } from '../src/cli/tables';
import type { LinkisTaskResult } from '../src/contracts/linkis';
import type { SqlFlowJobResult } from '../src/contracts/sqlflow';
import { checkExports, countLines, DemoError, expect, looksLikeExcel, readResult } from './checks';
import { copyDataSets, sqlFiles, zipFiles } from './inputs';
import { Stage } from './stage';

// From dist/demo as from demo.
const root = [path.join(__dirname, '../..'), path.join(__dirname, '..')].find((folder) =>
  existsSync(path.join(folder, 'demo', 'sql')),
) as string;
const out = 'demo-output';
const spark = ['--engine', 'spark-2.4.3', '--run-type', 'sql'];

/** What a step leaves for the table at the end. */
interface Done {
  /** A sentence on what came out. */
  readonly result: string;
  /** Below the project. */
  readonly files: string;
}

interface Step {
  readonly title: string;
  readonly run: (stage: Stage) => Promise<Done>;
}

const steps: readonly Step[] = [
  {
    title: 'Lineage of a folder of Hive ETL, as a simple SQLFlow job',
    async run(stage) {
      const folder = `${out}/lineage-hive`;
      const files = await sqlFiles(root, 'demo/sql/hive');
      const code = await stage.run([
        'sqlflow',
        'run',
        ...files,
        '--dbvendor',
        'dbvhive',
        '--name',
        'shop',
        '--out',
        folder,
      ]);
      expect(code === 0, `sqlflow run answered ${code}`);
      const edges = await checkExports(path.join(root, folder));
      const wanted = 'order_lines.unit_price → sale.revenue_eur';
      expect(edges.has(wanted), `the lineage lacks ${wanted}`);
      return { result: `${edges.size} edges from ${files.length} files`, files: folder };
    },
  },
  {
    title: 'Lineage of a zip of Snowflake SQL, without saving it',
    async run(stage) {
      const zip = `${out}/web-events.zip`;
      await zipFiles(root, await sqlFiles(root, 'demo/sql/snowflake'), zip);
      const folder = `${out}/lineage-snowflake`;
      const code = await stage.run([
        'sqlflow',
        'run',
        zip,
        '--dbvendor',
        'dbvsnowflake',
        '--after-export',
        'delete',
        '--out',
        folder,
      ]);
      expect(code === 0, `sqlflow run answered ${code}`);
      const edges = await checkExports(path.join(root, folder));
      return { result: `${edges.size} edges; the job was deleted after the export`, files: folder };
    },
  },
  {
    title: 'A persist job, and an increment to it by its jobId',
    async run(stage) {
      const persist = (file: string, folder: string, ...more: string[]) =>
        stage.run([
          'sqlflow',
          'run',
          file,
          '--dbvendor',
          'dbvoracle',
          '--name',
          'ledger',
          '--persist',
          ...more,
          '--out',
          folder,
        ]);
      const [first, second] = [`${out}/lineage-ledger-1`, `${out}/lineage-ledger-2`];
      const begun = await persist('demo/sql/oracle/ledger.sql', first);
      expect(begun === 0, `the first submit answered ${begun}`);
      const before = await checkExports(path.join(root, first));
      const { jobId } = await readResult<SqlFlowJobResult>(path.join(root, first));
      const added = await persist('demo/sql/oracle/risk.sql', second, '--job-id', jobId);
      expect(added === 0, `the increment answered ${added}`);
      const after = await checkExports(path.join(root, second));
      const again = await readResult<SqlFlowJobResult>(path.join(root, second));
      expect(again.jobId === jobId, `the increment made another job, ${again.jobId}`);
      expect(
        after.size > before.size && [...before].every((edge) => after.has(edge)),
        'the increment lost lineage of the first submit',
      );
      return {
        result: `${before.size} edges, then ${after.size}, in one job`,
        files: `${second} (and -1)`,
      };
    },
  },
  {
    title: 'SQL over public data sets on Linkis: three result sets and the log',
    async run(stage) {
      const folder = `${out}/weather`;
      const code = await stage.run([
        'linkis',
        'run',
        '--file',
        'demo/sql/spark/weather.sql',
        ...spark,
        '--out',
        folder,
      ]);
      expect(code === 0, `linkis run answered ${code}`);
      const { results } = await readResult<LinkisTaskResult>(path.join(root, folder));
      expect(results.length === 3, `${results.length} result sets came back, not 3`);
      const log = await readFile(path.join(root, folder, 'log.txt'), 'utf8');
      expect(log.includes('select'), 'the log does not hold the code');
      const rows = results.map((set) => set.rows).join(', ');
      return { result: `3 result sets of ${rows} rows, and the log`, files: folder };
    },
  },
  {
    title: 'A large result set',
    async run(stage) {
      const folder = `${out}/large`;
      const code = await stage.run([
        'linkis',
        'run',
        '--file',
        'demo/sql/spark/large.sql',
        ...spark,
        '--quiet',
        '--out',
        folder,
      ]);
      expect(code === 0, `linkis run answered ${code}`);
      const { results } = await readResult<LinkisTaskResult>(path.join(root, folder));
      const rows = results[0]?.rows ?? 0;
      const lines = await countLines(path.join(root, folder, 'results', '0.csv'));
      expect(rows >= 200_000 && lines === rows + 1, `${rows} rows were told, ${lines - 1} came`);
      return {
        result: `${rows.toLocaleString('en-US')} rows, all counted`,
        files: `${folder}/results/0.csv`,
      };
    },
  },
  {
    title: 'A result as an Excel file, with a variable in the SQL',
    async run(stage) {
      const folder = `${out}/excel`;
      const code = await stage.run([
        'linkis',
        'run',
        '--file',
        'demo/sql/spark/airports.sql',
        '--var',
        'state=WA',
        ...spark,
        '--format',
        'xlsx',
        '--quiet',
        '--out',
        folder,
      ]);
      expect(code === 0, `linkis run answered ${code}`);
      const file = `${folder}/results/0.xlsx`;
      expect(await looksLikeExcel(path.join(root, file)), `${file} is no Excel file`);
      const { results } = await readResult<LinkisTaskResult>(path.join(root, folder));
      return { result: `${results[0]?.rows} rows`, files: file };
    },
  },
  {
    title: 'A task that fails',
    async run(stage) {
      const folder = `${out}/failed`;
      const code = await stage.run([
        'linkis',
        'run',
        '--code',
        'select temperature from seattle_weather',
        ...spark,
        '--out',
        folder,
      ]);
      expect(code === 1, `a failing task must answer 1, and answered ${code}`);
      const log = await readFile(path.join(root, folder, 'log.txt'), 'utf8');
      expect(/temperature/.test(log), 'the log does not say what failed');
      return { result: "exit code 1, with the service's words", files: `${folder}/log.txt` };
    },
  },
  {
    title: 'A long task, cancelled and proven dead',
    async run(stage) {
      const code = '-- local: delay 600s\nselect count(*) from stocks';
      const started = await stage.capture(['linkis', 'run', '--code', code, ...spark, '--detach']);
      const id = started.text.trim();
      expect(started.code === 0 && id !== '', 'the task did not start');
      await untilRunning(stage, id);
      const cancelled = await stage.capture(['cancel', id, '--output', 'json']);
      const report = JSON.parse(cancelled.text) as { kill?: { outcome: string; evidence: string } };
      expect(report.kill?.outcome === 'confirmed', `the kill was ${report.kill?.outcome}`);
      stage.say(`${report.kill.outcome}: ${report.kill.evidence}`);
      return { result: 'kill confirmed', files: '' };
    },
  },
];

async function untilRunning(stage: Stage, id: string): Promise<void> {
  for (const endMs = Date.now() + 20_000; Date.now() < endMs; await sleep(300)) {
    const { text } = await stage.ask(['show', id, '--output', 'json']);
    const { progress } = JSON.parse(text) as { progress?: { status: string } };
    if (progress?.status === 'Running') return;
  }
  throw new DemoError('the long task did not begin to run');
}

function startDev(stage: Stage) {
  stage.say(
    'Starting Temporal, a local SQLFlow, a local Linkis and a worker, as `remote-jobs dev` does.',
  );
  return stage.start(
    [
      'dev',
      '--data',
      'data',
      '--output',
      'json',
      '--temporal-port',
      '0',
      '--ui-port',
      '0',
      '--sqlflow-port',
      '0',
      '--linkis-port',
      '0',
    ],
    path.join(root, out),
  );
}

async function main(): Promise<number> {
  const begunAtMs = Date.now();
  await rm(path.join(root, out), { recursive: true, force: true });
  await mkdir(path.join(root, out), { recursive: true });
  await copyDataSets(root, path.join(root, out, 'data'));
  const { values } = parseArgs({
    options: { address: { type: 'string' }, config: { type: 'string' } },
  });
  const stage = new Stage(root);
  stage.address = values.address;
  stage.config = values.config;
  const dev = values.address === undefined ? startDev(stage) : undefined;
  const rows: string[][] = [];
  let failed = 0;
  try {
    if (dev !== undefined) {
      const ready = JSON.parse(await dev.first) as { temporal: string; ui: string };
      stage.address = ready.temporal;
      stage.say(`Temporal is at ${ready.temporal}; look at it while this runs: ${ready.ui}`);
    }
    for (const [index, step] of steps.entries()) {
      if (stage.interrupted) break;
      const startedAtMs = Date.now();
      stage.say(`\n${bold(`${index + 1}/${steps.length}  ${step.title}`)}`);
      const [ok, result, files] = await step.run(stage).then(
        (done) => ['ok', done.result, done.files],
        (error: unknown) => ['FAILED', error instanceof Error ? error.message : String(error), ''],
      );
      if (ok !== 'ok') {
        failed += 1;
        stage.say(`FAILED: ${result}`);
      }
      rows.push([
        ok ?? '',
        step.title,
        result ?? '',
        formatDuration(Date.now() - startedAtMs),
        files ?? '',
      ]);
    }
    if (!stage.interrupted) await stage.run(['list']);
  } finally {
    await dev?.stop();
  }
  stage.say(`\n${renderTable({ columns: ['', 'step', 'result', 'took', 'files'], rows })}`);
  const complete = failed === 0 && rows.length === steps.length;
  const took = formatDuration(Date.now() - begunAtMs);
  stage.say(
    complete
      ? `\nAll ${rows.length} steps did what they should, in ${took}. The files are in ${out}/.`
      : `\n${stage.interrupted ? 'Stopped' : `${failed} of ${steps.length} steps failed`} after ${took}. What there is lies in ${out}/.`,
  );
  return complete ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `The demo could not run: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exit(1);
  },
);
