// All services of docker-compose.yml as processes of this machine.
const {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { freePorts, Place, readCompose, readImage } = require('./compose-file');
const { Service } = require('./service');
const { goModule, goTool, postgresFolder, programs } = require('./tools');

/** What else each listens on inside its container, by the setting that moves it. */
const innerPorts = {
  FRONTEND_HTTP_PORT: 7243,
  MATCHING_GRPC_PORT: 7235,
  HISTORY_GRPC_PORT: 7234,
  WORKER_GRPC_PORT: 7239,
  FRONTEND_MEMBERSHIP_PORT: 6933,
  MATCHING_MEMBERSHIP_PORT: 6935,
  HISTORY_MEMBERSHIP_PORT: 6934,
  WORKER_MEMBERSHIP_PORT: 6939,
};
const listens = {
  postgresql: [5432],
  temporal: [7233, ...Object.values(innerPorts)],
  'temporal-ui': [8080],
  sqlflow: [8165],
  linkis: [9001],
};
const workerPorts = [8090, 9464];

const tagOf = (compose, service) => compose.services[service].image.split(':')[1];

/** Everything, in the order in which `up` starts it, with `workers` workers. */
async function composeStack({ folder, workers, temporalCli, environment }) {
  const compose = readCompose('docker-compose.yml', environment);
  const server = `v${tagOf(compose, 'temporal')}`;
  const ui = `v${tagOf(compose, 'temporal-ui')}`;
  const sources = goModule('go.temporal.io/server', server);
  const uiSources = goModule('github.com/temporalio/ui-server/v2', ui);
  const postgres = postgresFolder();
  const tools = programs(path.join(folder, 'bin'), {
    'temporal-server': await goTool('temporal-server', 'go.temporal.io/server/cmd/server', server),
    'temporal-sql-tool': await goTool(
      'temporal-sql-tool',
      'go.temporal.io/server/cmd/tools/sql',
      server,
    ),
    'ui-server': await goTool('temporal-ui', 'github.com/temporalio/ui-server/v2/cmd/server', ui),
    temporal: temporalCli,
    node: process.execPath,
  });

  const workerNames = Array.from({ length: workers }, (_, index) => `worker-${index + 1}`);
  const ports = {};
  for (const [name, own] of Object.entries(listens)) ports[name] = await freePorts(own);
  for (const name of workerNames) ports[name] = await freePorts(workerPorts);

  // The image's shell is Alpine's, which knows pipefail; Debian's does not.
  const entrypoint = path.join(folder, 'entrypoint.sh');
  copyFileSync(path.join(sources, 'docker/scripts/sh/entrypoint.sh'), entrypoint);
  chmodSync(entrypoint, 0o755);
  writeFileSync(
    entrypoint,
    readFileSync(entrypoint, 'utf8').replace(/^#!.*/, '#!/usr/bin/env bash'),
  );
  const paths = {
    '/etc/temporal/schema': path.join(sources, 'schema'),
    '/etc/temporal/entrypoint.sh': entrypoint,
  };
  const PATH = [tools, postgres, process.env.PATH].join(path.delimiter);

  const make = (name, kind = name) => {
    const raw = compose.services[kind];
    if (ports[name] === undefined) ports[name] = {};
    const place = new Place(compose, {
      own: name,
      ports,
      folder,
      paths: kind === name ? paths : {},
    });
    place.mount(raw);
    const words = (list = []) => list.map((word) => place.words(word));
    const definition = { ...raw };
    if (raw.healthcheck) {
      definition.healthcheck = { ...raw.healthcheck, test: words(raw.healthcheck.test) };
    }
    const image = raw.build && readImage('Dockerfile', raw.build.target);
    const env = {
      PATH,
      HOME: folder,
      ...image?.environment,
      ...place.environment(raw.environment),
    };
    const command = [...words(raw.entrypoint), ...words(raw.command)];
    const argv = image ? [process.execPath, ...image.nodeFlags, cli, ...command] : command;
    const run = { env, argv };
    return { name, definition, run };
  };
  const cli = path.resolve('dist/src/cli/main.js');
  const service = ({ name, definition, run }) => new Service(name, definition, run, folder);

  const temporal = make('temporal');
  temporal.run.env.FRONTEND_GRPC_PORT = ports.temporal[7233];
  for (const [name, port] of Object.entries(innerPorts)) {
    temporal.run.env[name] = ports.temporal[port];
  }
  const uiService = make('temporal-ui');
  // What the image's own script runs.
  uiService.run.argv = ['ui-server', '--root', uiSources, '--env', 'docker', 'start'];
  return {
    ports,
    postgresql: service(initialised(make('postgresql'), { folder, postgres, ports })),
    schema: service(make('temporal-schema')),
    temporal: service(temporal),
    namespace: service(make('temporal-namespace')),
    ui: service(uiService),
    sqlflow: service(make('sqlflow')),
    linkis: service(make('linkis')),
    workers: workerNames.map((name) => service(make(name, 'worker'))),
  };
}

/** What the image's entrypoint does before it begins: a cluster with that user and password. */
function initialised(made, { folder, postgres, ports }) {
  const { run } = made;
  const home = path.join(folder, 'postgres');
  mkdirSync(home);
  const passwordFile = path.join(home, 'password');
  copyFileSync(run.env.POSTGRES_PASSWORD_FILE, passwordFile);
  // PostgreSQL refuses to run as root.
  run.uid = process.getuid?.() === 0 ? 65_534 : undefined;
  if (run.uid !== undefined) {
    for (const one of [home, passwordFile]) chownSync(one, run.uid, run.uid);
  }
  run.cwd = home;
  const data = path.join(home, 'data');
  const { status, stderr } = spawnSync(
    path.join(postgres, 'initdb'),
    ['-D', data, '-U', run.env.POSTGRES_USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    { cwd: home, encoding: 'utf8', ...(run.uid !== undefined && { uid: run.uid, gid: run.uid }) },
  );
  if (status !== 0) throw new Error(`initdb failed: ${stderr}`);
  const listening = ['-D', data, '-p', ports.postgresql[5432], '-h', '127.0.0.1', '-k', home];
  run.argv = [...run.argv, ...listening];
  return made;
}

module.exports = { composeStack };
