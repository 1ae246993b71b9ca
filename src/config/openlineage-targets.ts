import { OpenLineageClient } from '../clients/openlineage/client';
import type { OpenLineageTarget } from '../clients/openlineage/target';
import { own } from '../contracts/own';
import { ConfigurationError } from './errors';
import { didYouMean } from './nearest';
import type { OpenLineageTargetSettings } from './openlineage-schema';
import type { SecretResolver } from './secrets';

/** The configured OpenLineage targets. A client is made on first use and lives until {@link close}. */
export class OpenLineageTargets {
  private readonly opened = new Map<string, Promise<OpenLineageTarget>>();
  /** Of before a reload: something may still be sent by them. */
  private readonly retired: Promise<OpenLineageTarget>[] = [];

  constructor(
    private readonly settings: Readonly<Record<string, OpenLineageTargetSettings>>,
    private readonly secrets: SecretResolver,
  ) {}

  get names(): readonly string[] {
    return Object.keys(this.settings);
  }

  /** @throws ConfigurationError for an unknown name; nothing is opened */
  check(name: string): void {
    this.settingsOf(name);
  }

  /** @throws ConfigurationError for an unknown name, and where a credential can't be read */
  async get(name: string): Promise<OpenLineageTarget> {
    const settings = this.settingsOf(name);
    let target = this.opened.get(name);
    if (target === undefined) {
      target = this.open(name, settings);
      this.opened.set(name, target);
      // A secret that appears later works.
      target.catch(() => this.opened.delete(name));
    }
    return target;
  }

  /** Has the credentials of all targets read anew when they are next used. */
  reload(): void {
    this.retired.push(...this.opened.values());
    this.opened.clear();
  }

  async close(): Promise<void> {
    const opened = [...this.opened.values(), ...this.retired.splice(0)];
    this.opened.clear();
    for (const target of await Promise.allSettled(opened)) {
      if (target.status === 'fulfilled' && target.value.to instanceof OpenLineageClient) {
        await target.value.to.close();
      }
    }
  }

  private settingsOf(name: string): OpenLineageTargetSettings {
    const settings = own(this.settings, name);
    if (settings === undefined) throw new ConfigurationError([this.whyNot(name)]);
    return settings;
  }

  private async open(
    name: string,
    settings: OpenLineageTargetSettings,
  ): Promise<OpenLineageTarget> {
    const { names = 'lower', producer, jobNamespace, datasetNamespace, ...where } = settings;
    const naming = { names, producer, jobNamespace, datasetNamespace };
    if ('folder' in where) return { name, to: where, ...naming };
    const { apiKey, headers = {}, ...options } = where;
    const at = `openlineage.${name}`;
    const read: Record<string, string> = {};
    for (const [header, source] of Object.entries(headers)) {
      read[header] = await this.secrets.read(source, `${at}.headers.${header}`);
    }
    const key = apiKey && (await this.secrets.read(apiKey, `${at}.apiKey`));
    return {
      name,
      to: new OpenLineageClient({ ...options, apiKey: key, headers: read }),
      ...naming,
    };
  }

  private whyNot(name: string): string {
    const known = this.names;
    if (known.length === 0) {
      return `There is no OpenLineage target "${name}": add it under "openlineage", with a url or a folder.`;
    }
    const list = known.map((one) => `"${one}"`).join(', ');
    return `There is no OpenLineage target "${name}"; the configuration has ${list}.${didYouMean(name, known)}`;
  }
}
