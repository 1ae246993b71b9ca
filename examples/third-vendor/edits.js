// The places that the guide and the compiler name, and what each of them gets. An anchor stands in
// its file exactly once; the text goes behind it.
module.exports = [
  // 3. Types that travel
  ['src/contracts/names.ts', "export type Vendor = 'sqlflow' | 'linkis'", " | 'acme'"],
  ['src/contracts/names.ts', "\n  linkis: 'Linkis task',", "\n  acme: 'Acme run',"],
  ['src/contracts/names.ts', "\n  linkisTask: 'linkisTask',", "\n  acmeRun: 'acmeRun',"],
  ['src/contracts/names.ts', "\n  linkis: 'linkisAwaitTask',", "\n  acme: 'acmeAwaitRun',"],
  [
    'src/contracts/hooks.ts',
    '\n  readonly linkisTask: LinkisTaskInput;',
    "\n  readonly acmeRun: import('./acme').AcmeRunInput;",
  ],

  // 4. Configuration
  ['src/config/settings.ts', "\n  linkis: ['password', 'token'],", "\n  acme: ['token'],"],
  [
    'src/config/connection-options.ts',
    '\nexport type ConnectionOptions = SqlFlowConnectionOptions | LinkisConnectionOptions',
    ' | AcmeConnectionOptions',
  ],
  [
    'src/config/connection-options.ts',
    '\n/** What holds where a command or an input says nothing. */',
    '',
    `
/** An Acme job service. */
export interface AcmeConnectionOptions<Secret = SecretOption>
  extends TransportSettings, BudgetSettings {
  readonly type: 'acme';
  /** \`http://host:port\`, with a prefix where the service has one. */
  readonly url: string;
  readonly token?: Secret;
}
`,
  ],
  [
    'src/config/connection-options.ts',
    '\n  readonly linkis?: string;',
    '\n  /** The Acme connection, where there are several. */\n  readonly acme?: string;',
  ],
  [
    'src/config/schema.ts',
    'export type LinkisConnectionSettings = LinkisConnectionOptions<SecretSource>;',
    "\nexport type AcmeConnectionSettings = import('./connection-options').AcmeConnectionOptions<SecretSource>;",
  ],
  [
    'src/config/schema.ts',
    'export type ConnectionSettings = SqlFlowConnectionSettings | LinkisConnectionSettings',
    ' | AcmeConnectionSettings',
  ],
  [
    'src/config/schema.ts',
    '}) satisfies z.ZodType<LinkisConnectionSettings>,',
    `
    acme: z.strictObject({
      type: z.literal('acme'),
      url: baseUrl("give the service's address, such as http://host:8000", /\\/v1(\\/.*)?$/),
      token: credential,
      ...budget,
      ...transport,
    }) satisfies z.ZodType<AcmeConnectionSettings>,`,
  ],
  [
    'src/config/schema.ts',
    "\n        linkis: text('name a connection').nullish().transform(orUndefined),",
    "\n        acme: text('name a connection').nullish().transform(orUndefined),",
  ],
  [
    'src/config/environment.ts',
    "    token: 'LINKIS_TOKEN',\n  },",
    "\n  acme: { url: 'ACME_URL', token: 'ACME_TOKEN' },",
  ],
  [
    'src/config/connections.ts',
    "import { LinkisClient } from '../clients/linkis/client';",
    "\nimport { AcmeClient } from '../clients/acme/client';",
  ],
  ['src/config/connections.ts', '\n  LinkisConnectionSettings,', '\n  AcmeConnectionSettings,'],
  [
    'src/config/connections.ts',
    '\nexport interface LinkisConnection {',
    '',
    `
export interface AcmeConnection {
  readonly name: string;
  readonly settings: AcmeConnectionSettings;
  readonly client: AcmeClient;
  readonly budget: RequestBudget;
}
`,
  ],
  [
    'src/config/connections.ts',
    '\n  private readonly linkisConnections = new Map<string, Promise<LinkisConnection>>();',
    '\n  private readonly acmeConnections = new Map<string, Promise<AcmeConnection>>();',
  ],
  [
    'src/config/connections.ts',
    'const opened = [...this.sqlflowConnections.values(), ...this.linkisConnections.values()',
    ', ...this.acmeConnections.values()',
  ],
  [
    'src/config/connections.ts',
    '\n  async close(): Promise<void> {',
    '',
    `
  /** @throws ConfigurationError for an unknown name, and where the credential can't be read */
  async acme(name?: string): Promise<AcmeConnection> {
    const [found, settings] = this.choose('acme', name);
    return once(this.acmeConnections, found, async () => {
      const { type: _type, token, maxRequestsPerSecond: _perSecond, quota: _quota, ...options } = settings;
      const budget = this.budget(found);
      const read = await this.secret(token, \`connections.\${found}.token\`);
      const client = new AcmeClient({ ...options, token: read, admission: budget });
      return { name: found, settings, client, budget };
    });
  }
`,
  ],

  // 5. Activities
  [
    'activities/public.ts',
    "\nimport { createJobActivities } from './jobs/create';",
    "\nimport { createAcmeActivities } from './acme/create';",
  ],
  [
    'activities/public.ts',
    '\n  const linkis = createLinkisActivities(resources);',
    '\n  const acme = createAcmeActivities(resources);',
  ],
  ['activities/public.ts', '\n      ...linkis.main,', '\n      ...acme.main,'],
  ['activities/public.ts', 'watch: { ...sqlflow.watch, ...linkis.watch,', ' ...acme.watch,'],
  [
    'activities/jobs/before-submit.ts',
    "\n  linkisTask: ['connection', 'user', 'format', 'resubmit', 'timeoutMs'],",
    "\n  acmeRun: ['connection', 'timeoutMs'],",
  ],
  [
    'activities/orphans/kill.ts',
    "\nimport { isOver } from '../../src/contracts/workflow-status';",
    "\nimport { killAcmeOrphan } from './acme-account';",
  ],
  ['activities/orphans/kill.ts', '\n  linkis: killLinkisOrphan,', '\n  acme: killAcmeOrphan,'],
  [
    'activities/orphans/under-way.ts',
    "\nimport { linkisAccount } from './linkis-account';",
    "\nimport { acmeAccount } from './acme-account';",
  ],
  [
    'activities/orphans/under-way.ts',
    '    sqlflow: (connection) =>',
    '',
    `    acme: (connection) =>
      tried({ vendor: 'acme', connection }, async () =>
        acmeAccount(await connections.acme(connection), deployment, signal),
      ),
`,
  ],

  // 6. Workflow
  [
    'workflows/public.ts',
    "\nexport { linkisTask } from './linkis-task';",
    "\nexport { acmeRun } from './acme-run';",
  ],

  // 7. Callers
  [
    'src/starter/start.ts',
    '\n  readonly linkisTask: LinkisTaskInput;',
    "\n  readonly acmeRun: import('../contracts/acme').AcmeRunInput;",
  ],
  [
    'src/starter/start.ts',
    '\n  linkisTask: {',
    '',
    "\n  acmeRun: { vendor: 'acme', validate: validateAcmeRun, label: ({ name }) => name },",
  ],
  [
    'src/starter/start.ts',
    "\nimport { describeMistakes, type Mistake } from '../contracts/findings';",
    "\nimport { validateAcmeRun } from '../contracts/validate-acme';",
  ],
  [
    'src/cli/commands/config.ts',
    '? (settings.secretKey ?? settings.token)\n      :',
    " settings.type === 'acme' ? settings.token :",
  ],
  [
    'src/cli/init/answers.ts',
    "\n  linkis: { setting: 'password', source: { env: 'LINKIS_PASSWORD' } },",
    "\n  acme: { setting: 'token', source: { env: 'ACME_TOKEN' } },",
  ],
  [
    'src/cli/init/ask.ts',
    "\n    settings: ['password', 'token'],\n  },",
    "\n  acme: { title: 'Acme', url: 'http://127.0.0.1:9100', user: 'user', settings: ['token'] },",
  ],
  [
    'src/cli/doctor/connection-checks.ts',
    '\n    const { client } = await connections.linkis(name);',
    '',
    `
    if (settings.type === 'acme') {
      const { client } = await connections.acme(name);
      await client.listByIds(['none'], signal);
      return 'the service answers';
    }`,
  ],
];
