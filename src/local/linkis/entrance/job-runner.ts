import { setImmediate as pause, setTimeout as sleep } from 'node:timers/promises';
import type { Pass } from '../../delays';
import { planStatement } from '../engine/commands';
import { dialectOf, escapesByBackslash, isSqlRunType } from '../engine/dialects';
import type { SqlConnection, SqlEngine, StatementResult } from '../engine/sql-engine';
import {
  delayAskedFor,
  logLinesAskedFor,
  splitStatements,
  withoutComments,
} from '../engine/sql-text';
import { ResultFileWriter } from '../storage/result-file';
import type { VirtualFiles } from '../storage/virtual-files';
import { limitForIde } from './ide-limit';
import type { Job } from './job';

const linesAtOnce = 1000;

/** Runs the code of one task to its end, and throws in the engine's words where that is a failure. */
export class JobRunner {
  readonly #job: Job;
  readonly #engine: SqlEngine;
  readonly #files: VirtualFiles;
  readonly #advanced: () => void;
  readonly #pass: Pass;
  #connection?: SqlConnection;
  #resultSets = 0;

  /** `advanced` is called whenever progress has moved; `pass` takes the time that code asks for. */
  constructor(job: Job, engine: SqlEngine, files: VirtualFiles, advanced: () => void, pass: Pass) {
    this.#job = job;
    this.#engine = engine;
    this.#files = files;
    this.#advanced = advanced;
    this.#pass = pass;
  }

  async run(): Promise<void> {
    const { request, log } = this.#job;
    const dialect = dialectOf(request.engine, jdbcUrlOf(request.params));
    if (dialect === undefined || !isSqlRunType(request.runType)) {
      throw new Error(
        `The local Linkis is a stand-in that runs SQL only: it can't run code of type ${request.runType} on the engine ${request.engine}`,
      );
    }
    log.append('INFO', 'Program is substituting variables for you');
    const code = substitute(request.code, request.variables);
    log.append('INFO', 'Variables substitution ended successfully');
    log.append(
      'INFO',
      `You have submitted a new job, script code (after variable substitution) is\n************************************SCRIPT CODE************************************\n${code}\n************************************SCRIPT CODE************************************`,
    );
    const statements = splitStatements(code, escapesByBackslash(dialect));
    this.#job.total = Math.max(1, statements.length);
    try {
      for (const statement of statements) {
        await this.#runStatement(statement, dialect);
        this.#job.done += 1;
        this.#job.current = 0;
        this.#advanced();
      }
    } finally {
      this.#connection?.close();
    }
  }

  async #runStatement(statement: string, dialect: string): Promise<void> {
    const { log, request, stop } = this.#job;
    const { sql, note } =
      request.creator === 'IDE' ? limitForIde(statement) : { sql: statement, note: undefined };
    if (note !== undefined) log.append('WARN', note);
    const number = `statement ${this.#job.done + 1} of ${this.#job.total}`;
    log.append('INFO', `${number}: ${firstLineOf(withoutComments(sql))}`);
    const delayMs = delayAskedFor(statement);
    const ended = new AbortController();
    const reporting = this.#report(number, delayMs, ended.signal);
    try {
      await this.#logLines(logLinesAskedFor(statement));
      await this.#pass(delayMs, stop.signal);
      await this.#execute(sql, dialect);
    } finally {
      ended.abort();
      await reporting;
    }
  }

  /** Lines that are asked for only to be there. */
  async #logLines(count: number): Promise<void> {
    const { log, stop } = this.#job;
    for (let number = 1; number <= count; number += linesAtOnce) {
      const length = Math.min(linesAtOnce, count - number + 1);
      log.appendAll(Array.from({ length }, (_, index) => `line ${number + index} of ${count}`));
      await pause();
      stop.signal.throwIfAborted();
    }
  }

  /** A line and some progress now and then, ever more rarely, so that long tasks log little. */
  async #report(number: string, delayMs: number, ended: AbortSignal): Promise<void> {
    const { job, log } = { job: this.#job, log: this.#job.log };
    const startedAtMs = Date.now();
    for (;;) {
      const spentMs = Date.now() - startedAtMs;
      try {
        await sleep(Math.max(200, spentMs / 20), undefined, { signal: ended });
      } catch {
        return;
      }
      const elapsedMs = Date.now() - startedAtMs;
      const expectedMs = delayMs > 0 ? delayMs : elapsedMs + 5000;
      job.current = Math.min(elapsedMs / expectedMs, 0.95);
      const percent = Math.floor(job.progress * 100);
      log.append(
        'INFO',
        `linkis-${job.request.engine}-mix-code-${job.taskID} ${number}: ${percent}%`,
      );
      this.#advanced();
    }
  }

  async #execute(statement: string, dialect: string): Promise<void> {
    const { log, stop } = this.#job;
    const plan = planStatement(statement, dialect, this.#engine.transpile);
    for (const [index, sql] of plan.statements.entries()) {
      this.#connection ??= await this.#engine.connect();
      const connection = this.#connection;
      const freed = await this.#engine.turn();
      const interrupting = interruptOn(stop.signal, connection);
      try {
        stop.signal.throwIfAborted();
        const result = await connection.run(sql);
        const isLast = index === plan.statements.length - 1;
        if (result.kind === 'rows' && isLast) await this.#keep(result, plan.shows === 'text');
        if (result.kind === 'changed' && isLast) {
          log.append('INFO', `${result.rows} row(s) were changed`);
        }
      } finally {
        interrupting.end();
        freed();
      }
    }
  }

  /** Streams a result set into its file. */
  async #keep(
    { columns, batches }: Extract<StatementResult, { kind: 'rows' }>,
    asText: boolean,
  ): Promise<void> {
    const name = `_${this.#resultSets}.dolphin`;
    const writer = await ResultFileWriter.create(
      this.#files.onDisk(`${this.#job.resultLocation}/${name}`),
      asText ? { type: '1', columns: [] } : { type: '2', columns },
    );
    try {
      for await (const rows of batches) {
        this.#job.stop.signal.throwIfAborted();
        await writer.write(
          asText
            ? rows.flatMap((row) => (row.at(-1) ?? '').split('\n').map((line) => [line]))
            : rows,
        );
      }
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    await writer.finish();
    this.#resultSets += 1;
    this.#job.log.append('INFO', `result set ${name}: ${writer.rowCount} row(s)`);
  }
}

/**
 * Interrupts again and again once the signal is aborted: DuckDB forgets an interrupt that comes
 * between the preparation of a statement and its start.
 */
function interruptOn(signal: AbortSignal, connection: SqlConnection) {
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), 20);
  };
  signal.addEventListener('abort', start, { once: true });
  return {
    end() {
      signal.removeEventListener('abort', start);
      clearInterval(timer);
    },
  };
}

/** A name without a value stays as it is. */
function substitute(code: string, variables: Readonly<Record<string, string>>): string {
  return code.replace(/\$\{\s*([\w.]+)\s*\}/g, (whole, name: string) =>
    Object.hasOwn(variables, name) ? variables[name]! : whole,
  );
}

function firstLineOf(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

function jdbcUrlOf(params: Readonly<Record<string, unknown>>): string | undefined {
  const configuration = params.configuration as { runtime?: Record<string, unknown> } | undefined;
  const url = configuration?.runtime?.['jdbc.url'];
  return typeof url === 'string' ? url : undefined;
}
