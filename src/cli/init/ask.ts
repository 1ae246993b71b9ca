import type { Vendor } from '../../contracts/names';
import { promptStream } from '../choose';
import type { CliContext } from '../context';
import { CommandError } from '../errors';
import { exitCodes } from '../exit-codes';
import {
  credentialOf,
  defaultArtifacts,
  isVariable,
  usualVariables,
  type ConnectionAnswers,
  type CredentialAnswer,
  type InitAnswers,
  type InitOptions,
} from './answers';

/** An ES module, and only some runs need it. */
const loadPrompts = () => import('@clack/prompts');
type Prompts = Awaited<ReturnType<typeof loadPrompts>>;

interface Asked {
  readonly title: string;
  readonly url: string;
  readonly user: string;
  /** What the credential can be, the usual one first. */
  readonly settings: readonly CredentialAnswer['setting'][];
}

const asked: Readonly<Record<Vendor, Asked>> = {
  sqlflow: {
    title: 'Gudu SQLFlow',
    url: 'https://api.gudusoft.com/gspLive_backend',
    user: 'user id of the account',
    settings: ['secretKey', 'token'],
  },
  linkis: {
    title: 'Apache Linkis',
    url: 'http://127.0.0.1:9001',
    user: 'user',
    settings: ['password', 'token'],
  },
};

/** Asks a person for what the options leave open. Secrets are not asked for, only where they are. */
export async function askAnswers(context: CliContext, options: InitOptions): Promise<InitAnswers> {
  const questions = new Questions(context, await loadPrompts());
  const vendors = await questions.vendors(options);
  const connections: Partial<Record<Vendor, ConnectionAnswers>> = {};
  for (const vendor of vendors) connections[vendor] = await questions.connection(vendor, options);
  const artifacts =
    options.artifacts ??
    (await questions.text('Folder for logs and results', {
      initial: defaultArtifacts,
    }));
  return { connections, artifacts };
}

/** @throws CommandError where the person gives up */
export async function askWhether(context: CliContext, message: string): Promise<boolean> {
  return new Questions(context, await loadPrompts()).whether(message);
}

class Questions {
  private readonly streams;

  constructor(
    context: CliContext,
    private readonly prompts: Prompts,
  ) {
    this.streams = { input: context.stdin as NodeJS.ReadStream, output: promptStream(context) };
  }

  async vendors({ sqlflowUrl, linkisUrl }: InitOptions): Promise<readonly Vendor[]> {
    const named: Vendor[] = [];
    if (sqlflowUrl !== undefined) named.push('sqlflow');
    if (linkisUrl !== undefined) named.push('linkis');
    if (named.length > 0) return named;
    const choice = await this.prompts.select({
      message: 'Which services are there?',
      options: [
        { value: 'both' as const, label: 'SQLFlow and Linkis' },
        { value: 'sqlflow' as const, label: asked.sqlflow.title },
        { value: 'linkis' as const, label: asked.linkis.title },
      ],
      ...this.streams,
    });
    const answer = this.given(choice);
    return answer === 'both' ? ['sqlflow', 'linkis'] : [answer];
  }

  async connection(vendor: Vendor, options: InitOptions): Promise<ConnectionAnswers> {
    const { title, url, user } = asked[vendor];
    const [givenUrl, givenUser] =
      vendor === 'sqlflow'
        ? [options.sqlflowUrl, options.sqlflowUser]
        : [options.linkisUrl, options.linkisUser];
    return {
      url: givenUrl ?? (await this.text(`${title}: base URL`, { initial: url })),
      user: givenUser ?? (await this.text(`${title}: ${user}`)),
      credential: await this.credential(vendor, options),
    };
  }

  private async credential(vendor: Vendor, options: InitOptions): Promise<CredentialAnswer> {
    const { title, settings } = asked[vendor];
    const given = credentialOf(vendor, options);
    if (given !== usualVariables[vendor]) return given;
    const setting = this.given(
      await this.prompts.select({
        message: `${title}: what is the credential?`,
        options: settings.map((value) => ({ value, label: value })),
        ...this.streams,
      }),
    );
    const kind = this.given(
      await this.prompts.select({
        message: `${title}: where is the ${setting}? It is not stored here`,
        options: [
          { value: 'env', label: 'in an environment variable' },
          { value: 'file', label: 'in a file of its own' },
        ],
        ...this.streams,
      }),
    );
    if (kind === 'file') return { setting, source: { file: await this.text('Path of that file') } };
    const name = setting.replace(/[A-Z]/g, '_$&').toUpperCase();
    const initial = `${vendor.toUpperCase()}_${name}`;
    const env = await this.text('Name of that variable', {
      initial,
      validate: (text) => (isVariable(text) ? undefined : 'give its name, not its value'),
    });
    return { setting, source: { env } };
  }

  async text(
    message: string,
    {
      initial,
      validate = () => undefined,
    }: { initial?: string; validate?: (text: string) => string | undefined } = {},
  ): Promise<string> {
    const answer = await this.prompts.text({
      message,
      initialValue: initial,
      validate: (text = '') => (text.trim() === '' ? 'it is needed' : validate(text.trim())),
      ...this.streams,
    });
    return this.given(answer).trim();
  }

  async whether(message: string): Promise<boolean> {
    return this.given(
      await this.prompts.confirm({ message, initialValue: false, ...this.streams }),
    );
  }

  private given<Answer>(answer: Answer): Exclude<Answer, symbol> {
    if (typeof answer !== 'symbol') return answer as Exclude<Answer, symbol>;
    throw new CommandError(exitCodes.cancelled, 'Nothing was written.');
  }
}
