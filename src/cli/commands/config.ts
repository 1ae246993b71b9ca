import { s3Credentials, type S3Settings } from '../../config/artifact-options';
import { SecretResolver } from '../../config/secrets';
import type { OpenLineageEndpointOptions } from '../../config/openlineage-options';
import type { NotifyTargetSettings } from '../../config/notify-schema';
import { quotaOf } from '../../config/quota';
import type { ConnectionSettings } from '../../config/schema';
import type { SecretSource } from '../../config/secret-source';
import { notifyEvents } from '../../contracts/notify';
import { openStore } from '../../plugin/open-store';
import { checkSchedules } from '../../starter/schedules';
import { command } from '../command';
import { declaredSchedules } from '../declared-schedules';
import { exitCodes } from '../exit-codes';
import { quotaWords } from '../quota-words';
import { timesWords } from '../schedule-words';
import { renderTable } from '../tables';

export const configCheck = command<object>({
  name: 'config check',
  summary: 'check the configuration without connecting to anything',
  description: `Reads the configuration file and the environment, names every mistake at its line, and says what
holds. Secrets are looked for, but never shown.`,
  output: ['config'],
  examples: ['remote-jobs config check', 'remote-jobs config check --config staging.yaml'],
  run: async (session) => {
    const { output, context } = session;
    const { config, taskQueue } = await session.settings();
    const resolver = new SecretResolver(config.secrets, context.env);
    const connections = await Promise.all(
      Object.entries(config.connections).map(async ([name, settings]) => {
        const { type, url, maxRequestsPerSecond } = settings;
        const secret = await secretWords(resolver, name, settings);
        const quota = quotaOf(settings);
        return { name, type, url, secret, maxRequestsPerSecond, quota, said: quotaWords(settings) };
      }),
    );
    const targets = await Promise.all(
      Object.entries(config.openlineage).map(async ([name, settings]) => ({
        name,
        ...('folder' in settings
          ? { to: settings.folder, secret: '' }
          : { to: settings.url, secret: await targetSecretWords(resolver, name, settings) }),
      })),
    );
    const notify = await Promise.all(
      Object.entries(config.notify).map(async ([name, settings]) => ({
        name,
        on: settings.on ?? notifyEvents,
        secret: await webhookSecretWords(resolver, name, settings),
      })),
    );
    // Their commands are read as `schedule apply` will read them.
    const schedules = await declaredSchedules(session);
    checkSchedules(schedules);
    const { file, installation, artifacts, inputs, secrets } = config;
    const { place } = openStore(artifacts, resolver);
    const credential = await storeSecretWords(resolver, artifacts.s3);
    output.json({
      ok: true,
      file,
      installation,
      taskQueue,
      artifacts: place,
      artifactsCredential: credential,
      inputRoots: inputs.roots,
      secrets: Object.keys(secrets),
      schedules: schedules.map(({ name }) => name),
      connections: connections.map(({ said: _said, ...connection }) => connection),
      openlineage: targets,
      notify,
    });
    output.print(
      `${file ?? 'No configuration file; the environment and defaults'} ${file ? 'is right.' : 'hold.'}`,
    );
    output.print(
      `artifacts    ${place}${credential === undefined ? '' : ` (credential ${credential})`}`,
    );
    output.print(`task queue   ${taskQueue}`);
    for (const root of inputs.roots) output.print(`input root   ${root}`);
    for (const name of Object.keys(secrets)) output.print(`secret       ${name}`);
    for (const { name, times } of schedules)
      output.print(`schedule     ${name} ${timesWords(times)}`);
    if (connections.length > 0) {
      output.print('');
      output.print(
        renderTable({
          columns: ['connection', 'type', 'url', 'credential'],
          rows: connections.map(({ name, type, url, secret }) => [name, type, url, secret]),
          heading: output.colors.dim,
        }),
      );
      for (const { name, said } of connections) {
        if (said !== undefined) output.print(`quota of ${name}: ${said}`);
      }
    }
    if (targets.length > 0) {
      output.print('');
      output.print(
        renderTable({
          columns: ['OpenLineage target', 'to', 'credential'],
          rows: targets.map(({ name, to, secret }) => [name, to, secret]),
          heading: output.colors.dim,
        }),
      );
    }
    if (notify.length > 0) {
      output.print('');
      output.print(
        renderTable({
          columns: ['notification target', 'is told of', 'secrets'],
          rows: notify.map(({ name, on, secret }) => [name, on.join(', '), secret]),
          heading: output.colors.dim,
        }),
      );
    }
    return exitCodes.done;
  },
});

/** The first that is missing, else that they are there. */
async function storeSecretWords(
  resolver: SecretResolver,
  settings: S3Settings | undefined,
): Promise<string | undefined> {
  if (settings === undefined) return undefined;
  const read = s3Credentials(settings, resolver);
  if (read === undefined) return 'by the AWS SDK';
  return read().then(
    () => 'there',
    (error: unknown) => (error as Error).message,
  );
}

async function targetSecretWords(
  resolver: SecretResolver,
  name: string,
  { apiKey, headers = {} }: OpenLineageEndpointOptions<SecretSource>,
): Promise<string> {
  const sources = [...(apiKey === undefined ? [] : [apiKey]), ...Object.values(headers)];
  if (sources.length === 0) return 'none';
  try {
    for (const source of sources) await resolver.read(source, `openlineage.${name}`);
    return 'there';
  } catch (error) {
    return (error as Error).message;
  }
}

async function webhookSecretWords(
  resolver: SecretResolver,
  name: string,
  { url, headers = {} }: NotifyTargetSettings,
): Promise<string> {
  const sources = [...(typeof url === 'string' ? [] : [url]), ...Object.values(headers)];
  if (sources.length === 0) return 'none';
  try {
    for (const source of sources) await resolver.read(source, `notify.${name}`);
    return 'there';
  } catch (error) {
    return (error as Error).message;
  }
}

async function secretWords(
  resolver: SecretResolver,
  name: string,
  settings: ConnectionSettings,
): Promise<string> {
  const source =
    settings.type === 'sqlflow'
      ? (settings.secretKey ?? settings.token)
      : (settings.password ?? settings.token);
  if (source === undefined) return 'missing';
  try {
    await resolver.read(source, `connections.${name}`);
    return 'there';
  } catch (error) {
    return (error as Error).message;
  }
}
