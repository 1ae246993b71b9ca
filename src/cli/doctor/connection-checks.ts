import type { LinkisClient } from '../../clients/linkis/client';
import { isEndpointAbsent } from '../../clients/linkis/envelope';
import type { LinkisTaskFilter } from '../../clients/linkis/requests';
import { HttpError, TransportError, VendorError, WireError } from '../../clients/http/errors';
import { ConfigurationError } from '../../config/errors';
import { openSettings, type JobSettings } from '../../config/options';
import type { ConnectionSettings } from '../../config/schema';
import { checkTimeoutMs, words, type Finding } from './finding';

type Settings = JobSettings['connections'][string];

/** Every connection: is the service there, is it under this address, does it take the credential? */
export async function checkConnections(
  jobs: JobSettings,
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  const names = Object.keys(jobs.connections);
  if (names.length === 0) {
    return [
      {
        check: 'connections',
        status: 'warning',
        found: 'none is configured here',
        cure: 'write them into remote-jobs.yaml, or set SQLFLOW_URL or LINKIS_URL, where the worker runs',
      },
    ];
  }
  return Promise.all(names.map((name) => checkConnection(jobs, name, env)));
}

async function checkConnection(
  jobs: JobSettings,
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const check = `connection ${name}`;
  const settings = jobs.connections[name] as Settings;
  const attempt = (url: string) => ask(jobs, name, { ...settings, url }, env);
  try {
    const found = await attempt(settings.url);
    return { check, status: 'ok', found: `${settings.url} answers; ${found}` };
  } catch (error) {
    const problem = `${settings.url}: ${words(error)}`;
    if (seemsElsewhere(error)) {
      const right = await findRightUrl(settings, attempt);
      if (right !== undefined) {
        return {
          check,
          status: 'wrong',
          found: `${settings.url} is not where the API is, ${right.url} is${right.refused ? '; there the credential is refused' : ''}`,
          cure: `set the url of connection ${name} to ${right.url}${right.refused ? `, and ${credentialCure(settings)}` : ''}`,
        };
      }
    }
    return { check, ...verdict(error, settings), found: problem };
  }
}

/** One cheap call that needs the credential. */
async function ask(
  jobs: JobSettings,
  name: string,
  settings: Settings,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { connections } = openSettings(
    { secrets: jobs.secrets, connections: { [name]: settings } },
    env,
  );
  const signal = AbortSignal.timeout(checkTimeoutMs);
  try {
    if (settings.type === 'sqlflow') {
      const { client } = await connections.sqlflow(name);
      const none = { field: 'jobId', wants: () => false } as const;
      const { listed } = await client.selectUserJobs(none, signal);
      return `user ${settings.userId} has ${listed} job(s)`;
    }
    const { client } = await connections.linkis(name);
    const nowMs = Date.now();
    const window = { startDateMs: nowMs - 24 * 3_600_000, endDateMs: nowMs, pageSize: 1 };
    const { total } = await client.listTasks(window, { signal });
    const found = `user ${settings.user} had ${total} task(s) in the last day; ${await age(client, signal)}`;
    return settings.users?.length
      ? `${found}; ${await actsFor(client, settings.users, window, signal)}`
      : found;
  } finally {
    await connections.close();
  }
}

/** Told by what it has: no endpoint of Linkis names its version. */
async function age(client: LinkisClient, signal: AbortSignal): Promise<string> {
  try {
    await client.listTaskIds(['1'], { signal });
    return 'Linkis 1.7 or later, which answers for 30 tasks at once and pages columns';
  } catch (error) {
    if (!isEndpointAbsent(error)) throw error;
    return 'older than Linkis 1.7: each task is asked for by itself, and wide results have no column pages';
  }
}

/** The token must be good for each of them. */
async function actsFor(
  client: LinkisClient,
  users: readonly string[],
  window: LinkisTaskFilter,
  signal: AbortSignal,
): Promise<string> {
  for (const user of users) await client.listTasks(window, { signal, user });
  return `acts for ${users.join(', ')}`;
}

/** Another program answered, or this one under another path. */
function seemsElsewhere(error: unknown): boolean {
  if (error instanceof WireError) return true;
  if (error instanceof HttpError) return [301, 302, 307, 308, 400, 404, 405].includes(error.status);
  return error instanceof VendorError && error.kind === 'notFound';
}

/** The address with and without `/api`, and with the path that the vendor documents. */
export function otherUrls({ type, url }: Pick<Settings, 'type' | 'url'>): readonly string[] {
  const { origin, pathname } = new URL(url);
  const given = pathname.replace(/\/+$/, '');
  const bare = given.replace(/^\/api(?=\/|$)/, '');
  const paths =
    type === 'sqlflow'
      ? [bare, `/api${bare}`, '/gspLive_backend', '/api/gspLive_backend']
      : ['', bare, given.replace(/\/api$/, '')];
  return [...new Set(paths)].filter((path) => path !== given).map((path) => `${origin}${path}`);
}

async function findRightUrl(
  settings: Settings,
  attempt: (url: string) => Promise<string>,
): Promise<{ readonly url: string; readonly refused: boolean } | undefined> {
  for (const url of otherUrls(settings)) {
    try {
      await attempt(url);
      return { url, refused: false };
    } catch (error) {
      // The API itself refused the credential: it is there.
      if (error instanceof VendorError && error.kind === 'auth') return { url, refused: true };
    }
  }
  return undefined;
}

function credentialCure({ type }: Pick<Settings, 'type'>): string {
  return type === 'sqlflow'
    ? 'check userId and secretKey or token of this connection'
    : 'check user and password or token of this connection';
}

function verdict(
  error: unknown,
  settings: ConnectionSettings | Settings,
): Pick<Finding, 'status' | 'cure'> {
  const { host } = new URL(settings.url);
  // The credential can't be read here; the message says why.
  if (error instanceof ConfigurationError) {
    return { status: 'wrong', cure: 'mend that where the worker runs, and here to have it tried' };
  }
  if (
    error instanceof TransportError ||
    (error instanceof DOMException && error.name === 'TimeoutError')
  ) {
    return {
      status: 'unreachable',
      cure: `check that the service runs, that ${host} is right, and that this machine may reach it`,
    };
  }
  if (error instanceof VendorError && error.kind === 'auth') {
    return { status: 'wrong', cure: credentialCure(settings) };
  }
  if (error instanceof VendorError && error.kind === 'licence') {
    return {
      status: 'wrong',
      cure: 'the account lacks a licence or permission: ask its administrator',
    };
  }
  if (error instanceof HttpError && error.status >= 500) {
    return {
      status: 'unreachable',
      cure: 'the service, or a proxy before it, is in trouble: try later',
    };
  }
  if (error instanceof HttpError && [401, 403].includes(error.status)) {
    return { status: 'wrong', cure: credentialCure(settings) };
  }
  return { status: 'wrong', cure: 'check the url and the credential of this connection' };
}
