import { randomUUID } from 'node:crypto';
import type { FaultScript } from '../http/fault';
import { LocalService, type LocalReply, type LocalRequest } from '../http/service';

export interface LocalAcmeOptions {
  /** Port on 127.0.0.1; 0 takes any free one. @default 0 */
  readonly port?: number;
  /** @default no faults */
  readonly faults?: FaultScript;
}

interface Run {
  readonly id: string;
  readonly name: string;
  readonly command: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
  state: 'RUNNING' | 'DONE' | 'FAILED' | 'STOPPED';
  error?: string;
  output: string;
}

const token = 'local-token';

/**
 * A stand-in for the Acme job service, with the token `local-token`. It knows three commands:
 * `echo WORDS`, `fail WORDS`, and `wait`, which runs until it is stopped or {@link finish} is called.
 */
export class LocalAcme {
  private constructor(
    readonly service: LocalService,
    private readonly runs: Map<string, Run>,
  ) {}

  static async start(options: LocalAcmeOptions = {}): Promise<LocalAcme> {
    const runs = new Map<string, Run>();
    const guarded =
      (handle: (request: LocalRequest) => LocalReply) =>
      (request: LocalRequest): LocalReply =>
        request.headers.authorization === `Bearer ${token}`
          ? handle(request)
          : refused(401, 'who are you?');
    const known = (handle: (run: Run) => LocalReply) =>
      guarded(({ params }) => {
        const run = runs.get(params['id'] ?? '');
        return run === undefined ? refused(404, 'there is no such run') : handle(run);
      });
    const service = await LocalService.start({
      ...options,
      routes: [
        {
          method: 'POST',
          pattern: '/v1/runs',
          endpoint: 'submit',
          handler: guarded((request) => submit(request, runs)),
        },
        {
          method: 'GET',
          pattern: '/v1/runs',
          endpoint: 'list',
          handler: guarded((request) => list(request, runs)),
        },
        {
          method: 'GET',
          pattern: '/v1/runs/:id',
          endpoint: 'get',
          handler: known((run) => ({ json: view(run) })),
        },
        { method: 'POST', pattern: '/v1/runs/:id/stop', endpoint: 'stop', handler: known(stop) },
        {
          method: 'GET',
          pattern: '/v1/runs/:id/output',
          endpoint: 'output',
          handler: known(({ output }) => ({ text: output })),
        },
      ],
      envelopeFault: (code, message) => refused(Number(code), message),
      tokenFault: () => refused(401, 'the token has expired'),
      notFound: () => refused(404, 'there is nothing here'),
    });
    return new LocalAcme(service, runs);
  }

  get url(): string {
    return this.service.url;
  }

  /** Every run, oldest first. */
  all(): readonly Readonly<Run>[] {
    return [...this.runs.values()];
  }

  /** Ends every run that waits. */
  finish(): void {
    for (const run of this.runs.values()) if (run.state === 'RUNNING') run.state = 'DONE';
  }

  async close(): Promise<void> {
    await this.service.close();
  }
}

function submit(request: LocalRequest, runs: Map<string, Run>): LocalReply {
  const { name, command, tags = {} } = (request.json ?? {}) as Partial<Run>;
  if (!name || !command) return refused(400, 'a run needs a name and a command');
  const [verb, ...words] = command.split(' ');
  const said = words.join(' ');
  const id = randomUUID();
  const run: Run = {
    ...{ id, name, command, tags, createdAt: new Date().toISOString() },
    ...(verb === 'wait' ? { state: 'RUNNING', output: '' } : { state: 'DONE', output: said }),
    ...(verb === 'fail' ? { state: 'FAILED', error: said, output: '' } : {}),
  };
  runs.set(id, run);
  return { status: 201, json: view(run), madeJob: id };
}

function list({ query }: LocalRequest, runs: Map<string, Run>): LocalReply {
  const ids = query.get('ids')?.split(',');
  const [tag = '', ...value] = query.get('tag')?.split(':') ?? [];
  const found = [...runs.values()].filter((run) =>
    ids !== undefined ? ids.includes(run.id) : run.tags[tag] === value.join(':'),
  );
  return { json: { runs: found.map(view) } };
}

function stop(run: Run): LocalReply {
  if (run.state === 'RUNNING') run.state = 'STOPPED';
  return { status: 202, json: {} };
}

function view({ id, state, tags, error, createdAt }: Run) {
  return { id, state, tags, error, createdAt, progress: state === 'RUNNING' ? 0.5 : 1 };
}

function refused(status: number, message: string): LocalReply {
  return { status, json: { message } };
}
