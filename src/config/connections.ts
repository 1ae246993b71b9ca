import type { CallObserver } from '../clients/http/call-observer';
import type { LinkisCredential } from '../clients/linkis/auth';
import { LinkisClient } from '../clients/linkis/client';
import type { SqlFlowCredential } from '../clients/sqlflow/auth';
import { SqlFlowClient } from '../clients/sqlflow/client';
import type { Vendor } from '../contracts/names';
import { own } from '../contracts/own';
import { RequestBudget } from '../watch/request-budget';
import type { ConfigDefaults, QuotaSettings } from './connection-options';
import { ConfigurationError } from './errors';
import { didYouMean } from './nearest';
import { quotaOf } from './quota';
import { withCredentialsOf, type ReloadedConnections } from './reload';
import type {
  ConnectionSettings,
  LinkisConnectionSettings,
  SqlFlowConnectionSettings,
} from './schema';
import type { SecretSource } from './secret-source';
import type { SecretResolver } from './secrets';

export interface SqlFlowConnection {
  readonly name: string;
  readonly settings: SqlFlowConnectionSettings;
  readonly client: SqlFlowClient;
  /** What this worker asks of the service, all users of the connection together. */
  readonly budget: RequestBudget;
}

export interface LinkisConnection {
  readonly name: string;
  readonly settings: LinkisConnectionSettings;
  readonly client: LinkisClient;
  /** What this worker asks of the service, all users of the connection together. */
  readonly budget: RequestBudget;
  /**
   * The user a task runs as: the connection's own, or one of its `users`.
   *
   * @throws ConfigurationError for any other
   */
  actAs(user: string | undefined): string;
}

/** How old what was read of a credential may be while it isn't refused, in milliseconds. */
const readAgainAfterMs = 60_000;

/**
 * The configured connections. A client is made on first use, with its credential read then, and
 * lives until {@link close}; afterwards none is made.
 */
export class ConnectionRegistry {
  private readonly sqlflowConnections = new Map<string, Promise<SqlFlowConnection>>();
  private readonly budgets: ReadonlyMap<string, RequestBudget>;
  private readonly linkisConnections = new Map<string, Promise<LinkisConnection>>();
  private closed = false;
  private observerOf: (vendor: Vendor, connection: string) => CallObserver | undefined = () =>
    undefined;

  private readonly readAtMs = new Map<string, number>();

  constructor(
    private settings: Readonly<Record<string, ConnectionSettings>>,
    private readonly secrets: SecretResolver,
    private readonly defaults: ConfigDefaults = {},
  ) {
    this.budgets = new Map(
      Object.entries(settings).map(([name, one]) => {
        const { maxRequestsPerSecond } = one;
        return [name, new RequestBudget({ maxRequestsPerSecond, quota: quotaOf(one) })];
      }),
    );
  }

  names(vendor: Vendor): readonly string[] {
    return Object.keys(this.settings).filter((name) => this.settings[name]?.type === vendor);
  }

  /** Who looks on at the calls of each connection; of those that are first used after this. */
  observeCalls(observerOf: (vendor: Vendor, connection: string) => CallObserver | undefined): void {
    this.observerOf = observerOf;
  }

  /** The users that a Linkis connection acts for, its own first. */
  linkisUsers(name: string): readonly string[] {
    const settings = this.settings[name];
    return settings?.type === 'linkis' ? [settings.user, ...(settings.users ?? [])] : [];
  }

  /** The quota that is taken for a service whose settings name none; see {@link quotaOf}. */
  assumedQuota(name: string): QuotaSettings | undefined {
    const settings = this.settings[name];
    return settings === undefined || settings.quota !== undefined ? undefined : quotaOf(settings);
  }

  /** What this worker asks of a configured service, before and after it was first connected to. */
  budget(name: string): RequestBudget {
    const budget = this.budgets.get(name);
    if (budget === undefined) throw new Error(`no connection "${name}" is configured`);
    return budget;
  }

  /**
   * @param name may be left out where there is just one connection to SQLFlow, or a default
   * @throws ConfigurationError for an unknown name, and where the credential can't be read
   */
  async sqlflow(name?: string): Promise<SqlFlowConnection> {
    const [found, settings] = this.choose('sqlflow', name);
    this.readAgain(found);
    return once(this.sqlflowConnections, found, () => this.connectSqlFlow(found, settings));
  }

  /**
   * @param name may be left out where there is just one connection to Linkis, or a default
   * @throws ConfigurationError for an unknown name, and where the credential can't be read
   */
  async linkis(name?: string): Promise<LinkisConnection> {
    const [found, settings] = this.choose('linkis', name);
    this.readAgain(found);
    return once(this.linkisConnections, found, () => this.connectLinkis(found, settings));
  }

  /**
   * Takes the credentials of newer settings: where they are found, and what is found there now. All
   * else of a connection stays as it is, and so does a credential that can't be read.
   *
   * @param newer is not used otherwise
   */
  async reload(newer: ConnectionRegistry): Promise<ReloadedConnections> {
    const { taken, ignored } = withCredentialsOf(this.settings, newer.settings);
    this.settings = taken;
    const renewed: string[] = [];
    const problems: string[] = [];
    for (const name of Object.keys(taken)) {
      try {
        if ((await this.renew(name)) === true) renewed.push(name);
      } catch (error) {
        problems.push(error instanceof Error ? error.message : String(error));
      }
    }
    return { renewed, ignored, problems };
  }

  async close(): Promise<void> {
    this.closed = true;
    const opened = [...this.sqlflowConnections.values(), ...this.linkisConnections.values()];
    this.sqlflowConnections.clear();
    this.linkisConnections.clear();
    for (const connection of await Promise.allSettled(opened)) {
      if (connection.status === 'fulfilled') await connection.value.client.close();
    }
    for (const budget of this.budgets.values()) budget.close();
  }

  private choose<V extends Vendor>(
    vendor: V,
    name: string | undefined,
  ): [string, Extract<ConnectionSettings, { type: V }>] {
    if (this.closed) throw new Error(`the connections are closed, ${vendor} can't be asked`);
    const names = this.names(vendor);
    const chosen = name ?? (names.length === 1 ? names[0] : this.defaults[vendor]);
    const settings =
      chosen !== undefined && names.includes(chosen) ? this.settings[chosen] : undefined;
    if (chosen !== undefined && settings !== undefined) {
      return [chosen, settings as Extract<ConnectionSettings, { type: V }>];
    }
    throw new ConfigurationError([this.whyNot(vendor, name, names)]);
  }

  private whyNot(vendor: Vendor, name: string | undefined, names: readonly string[]): string {
    if (names.length === 0) {
      return `No ${vendor} connection is configured: add one under "connections", or set ${vendor.toUpperCase()}_URL and its credential.`;
    }
    const known = names.map((known) => `"${known}"`).join(', ');
    if (name === undefined) {
      return `There are several ${vendor} connections (${known}): name one, or set defaults.${vendor}.`;
    }
    const other = own(this.settings, name)?.type;
    if (other !== undefined) return `Connection "${name}" is of type ${other}, not ${vendor}.`;
    return `There is no ${vendor} connection "${name}"; the configuration has ${known}.${didYouMean(name, names)}`;
  }

  private async connectSqlFlow(
    name: string,
    settings: SqlFlowConnectionSettings,
  ): Promise<SqlFlowConnection> {
    const {
      type: _type,
      secretKey: _secretKey,
      token: _token,
      maxRequestsPerSecond: _perSecond,
      quota: _quota,
      ...options
    } = settings;
    const readCredential = () => this.sqlflowCredential(name);
    const credential = await readCredential();
    const budget = this.budget(name);
    const observer = this.observerOf('sqlflow', name);
    const client = new SqlFlowClient({
      ...options,
      credential,
      readCredential,
      admission: budget,
      observer,
    });
    return { name, settings, client, budget };
  }

  private async connectLinkis(
    name: string,
    settings: LinkisConnectionSettings,
  ): Promise<LinkisConnection> {
    const {
      type: _type,
      password: _password,
      token: _token,
      users = [],
      creator: _creator,
      lostAfterMs: _lostAfterMs,
      liveBudget: _liveBudget,
      maxRequestsPerSecond: _perSecond,
      quota: _quota,
      ...options
    } = settings;
    const readCredential = () => this.linkisCredential(name);
    const credential = await readCredential();
    const budget = this.budget(name);
    const observer = this.observerOf('linkis', name);
    return {
      name,
      settings,
      client: new LinkisClient({
        ...options,
        credential,
        readCredential,
        admission: budget,
        observer,
      }),
      budget,
      actAs(user) {
        if (user === undefined || user === settings.user) return settings.user;
        if (users.includes(user)) return user;
        const allowed = [settings.user, ...users].map((known) => `"${known}"`).join(', ');
        throw new ConfigurationError([
          `Connection "${name}" does not act for user "${user}"; it acts for ${allowed}. Add the user to its "users".`,
        ]);
      },
    };
  }

  /** By the settings of now: a reload may have moved the secret. */
  private async sqlflowCredential(name: string): Promise<SqlFlowCredential> {
    const { secretKey, token } = this.settings[name] as SqlFlowConnectionSettings;
    return secretKey !== undefined
      ? { secretKey: await this.secret(secretKey, `connections.${name}.secretKey`) }
      : { token: await this.secret(token, `connections.${name}.token`) };
  }

  private async linkisCredential(name: string): Promise<LinkisCredential> {
    const { password, token, user } = this.settings[name] as LinkisConnectionSettings;
    return password !== undefined
      ? { password: await this.secret(password, `connections.${name}.password`, user) }
      : { token: await this.secret(token, `connections.${name}.token`) };
  }

  /** @returns undefined for a connection that nobody has used yet */
  private async renew(name: string): Promise<boolean | undefined> {
    const opened = this.sqlflowConnections.get(name) ?? this.linkisConnections.get(name);
    return (await opened)?.client.renewCredential();
  }

  /** A file's secret may be rotated at any time; a minute later it is used, whoever would notice. */
  private readAgain(name: string): void {
    const nowMs = performance.now();
    const dueMs = (this.readAtMs.get(name) ?? -Infinity) + readAgainAfterMs;
    if (nowMs < dueMs) return;
    this.readAtMs.set(name, nowMs);
    // What it finds wrong is told by the call that the service refuses.
    this.renew(name).catch(() => undefined);
  }

  private secret(
    source: SecretSource | undefined,
    what: string,
    ...notSecret: string[]
  ): Promise<string> {
    if (source === undefined) throw new ConfigurationError([`${what} is missing.`]);
    return this.secrets.read(source, what, notSecret);
  }
}

/** One connection a name; a failed attempt isn't kept, so that a secret that appears later works. */
function once<Connection>(
  made: Map<string, Promise<Connection>>,
  name: string,
  make: () => Promise<Connection>,
): Promise<Connection> {
  let connection = made.get(name);
  if (connection === undefined) {
    connection = make();
    made.set(name, connection);
    connection.catch(() => made.delete(name));
  }
  return connection;
}
