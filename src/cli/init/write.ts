import { stringify } from 'yaml';
import type { ConnectionAnswers, InitAnswers } from './answers';

/** The configuration file, with what each part is for. */
export function configurationText({ connections, artifacts }: InitAnswers): string {
  const { sqlflow, linkis } = connections;
  return [
    '# Written by `remote-jobs init`; change it as you like. `remote-jobs config check` names every',
    '# mistake, `remote-jobs doctor` tries everything, docs/configuration.md has all settings.',
    '# No secret stands here: a credential is { env: NAME } or { file: PATH }.',
    '',
    'connections:',
    ...(sqlflow === undefined ? [] : sqlflowLines(sqlflow)),
    ...(linkis === undefined ? [] : linkisLines(linkis)),
    '',
    'artifacts:',
    '  # Logs, results, lineage and staged inputs; shared by all workers and callers. Or a bucket:',
    '  # s3: { bucket: jobs, region: eu-central-1 }',
    `  folder: ${scalar(artifacts)}`,
    '',
    '# Folders that a worker may read files from, which scheduled runs need:',
    '# inputs:',
    '#   roots: [sql]',
    '',
    'defaults:',
    '  # The queue that commands use and workers poll.',
    '  taskQueue: remote-jobs',
    '',
  ].join('\n');
}

function sqlflowLines({ url, user, credential }: ConnectionAnswers): readonly string[] {
  return [
    '  sqlflow:',
    '    type: sqlflow',
    '    # With its prefix: /gspLive_backend, or /api/gspLive_backend on-premise.',
    `    url: ${scalar(url)}`,
    `    userId: ${scalar(user)}`,
    ...credentialLines(credential),
    "    # What the account's plan allows; calls are paced to fit it.",
    '    # quota: { calls: 10000, per: month }',
  ];
}

function linkisLines({ url, user, credential }: ConnectionAnswers): readonly string[] {
  return [
    '  linkis:',
    '    type: linkis',
    "    # The gateway's address, without /api/rest_j/v1.",
    `    url: ${scalar(url)}`,
    `    user: ${scalar(user)}`,
    ...credentialLines(credential),
    ...(credential.setting === 'token'
      ? ['    # Other users that tasks may run as (`--user`).', '    # users: [alice, bob]']
      : []),
  ];
}

function credentialLines({ setting, source }: ConnectionAnswers['credential']): readonly string[] {
  const found = 'env' in source ? `env: ${source.env}` : `file: ${quoted(source.file)}`;
  return [`    ${setting}: { ${found} }`];
}

function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}

/** Inside braces more characters mean something. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? scalar(text) : JSON.stringify(text);
}
