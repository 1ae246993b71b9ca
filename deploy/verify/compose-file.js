// Reads docker-compose.yml, and says how a service of it is run without a container.
const { copyFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { randomInt } = require('node:crypto');
const { createServer } = require('node:net');
const { once } = require('node:events');
const path = require('node:path');
const { parse } = require('yaml');

/** `${NAME:-default}` and `$$`, as Compose reads them. */
function interpolate(text, environment) {
  return text.replace(/\$\$|\$\{(\w+)(?::-([^}]*))?\}/g, (all, name, fallback = '') =>
    all === '$$' ? '$' : environment[name] || fallback,
  );
}

function deep(value, change) {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((one) => deep(one, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, deep(one, change)]));
}

function readCompose(file, environment) {
  const compose = parse(readFileSync(file, 'utf8'));
  return deep(compose, (text) => interpolate(text, environment));
}

/** The environment and Node's flags that the image of a Dockerfile's stage gives, its bases' included. */
function readImage(dockerfile, stage) {
  const stages = {};
  let current;
  for (const line of readFileSync(dockerfile, 'utf8').split('\n')) {
    const [, base, name] = /^FROM (\S+) AS (\S+)/.exec(line) ?? [];
    if (name) {
      const { environment, nodeFlags = [] } = stages[base] ?? {};
      current = stages[name] = { environment: { ...environment }, nodeFlags };
    }
    const [, settings] = /^ENV (.*)/.exec(line) ?? [];
    for (const [, key, value] of settings?.matchAll(/(\w+)=(\S+)/g) ?? []) {
      current.environment[key] = value;
    }
    const [, words] = /^ENTRYPOINT (.*)/.exec(line) ?? [];
    if (words) current.nodeFlags = JSON.parse(words).filter((word) => word.startsWith('--'));
  }
  const { environment, nodeFlags } = stages[stage];
  const { PATH: _ofTheImage, ...rest } = environment;
  return { environment: rest, nodeFlags };
}

/**
 * Free ports of loopback, one for each of the given ports. Below 32,768, since on PostgreSQL Temporal
 * keeps its ports in a smallint.
 */
async function freePorts(ports) {
  const claims = [];
  for (const port of ports) {
    const claim = await claimPort();
    claims.push([`${port}`, `${claim.address().port}`, claim]);
  }
  for (const [, , claim] of claims) claim.close();
  return Object.fromEntries(claims.map(([port, free]) => [port, free]));
}

async function claimPort() {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    const claim = createServer().listen(port, '127.0.0.1');
    const taken = await once(claim, 'listening').then(
      () => false,
      () => true,
    );
    if (!taken) return claim;
  }
}

/**
 * What a container would give a service and this machine doesn't: its peers' names, ports of its
 * own, and its mounts. All of them are replaced in a service's words, and in the files it mounts.
 */
class Place {
  /**
   * @param ports by service, from the port inside the container to that on loopback; `own` is the
   *   service's name there, which has a number where it is scaled
   * @param paths from a path inside the container to one of this machine
   */
  constructor(compose, { own, ports, folder, paths = {} }) {
    this.ports = ports;
    this.own = own;
    this.folder = folder;
    this.paths = { ...paths };
    for (const [name, { file }] of Object.entries(compose.secrets)) {
      this.paths[`/run/secrets/${name}`] = path.resolve(file);
    }
  }

  /** Mounts what the service does; a file is copied, with its words replaced. */
  mount(service) {
    const files = [];
    for (const volume of service.volumes ?? []) {
      const [source, target] = volume.split(':');
      const isPath = /^[./]/.test(source);
      const isFile = isPath && path.extname(source) !== '';
      const own = path.join(this.folder, isFile ? this.own : 'volumes', path.basename(source));
      this.paths[target] = isPath && !isFile ? path.resolve(source) : own;
      mkdirSync(isFile ? path.dirname(own) : this.paths[target], { recursive: true });
      if (isFile) files.push([source, own]);
    }
    for (const [source, own] of files) {
      copyFileSync(source, own);
      writeFileSync(own, this.words(readFileSync(own, 'utf8')));
    }
    return this;
  }

  words(text) {
    const mine = this.ports[this.own];
    if (mine[text] !== undefined) return mine[text];
    let told = text.replace(/\b([a-z]+):(\d+)\b/g, (all, name, port) =>
      this.ports[name]?.[port] ? `127.0.0.1:${this.ports[name][port]}` : all,
    );
    told = told.replace(/\b(?:127\.0\.0\.1|0\.0\.0\.0):(\d+)\b/g, (all, port) =>
      mine[port] ? `127.0.0.1:${mine[port]}` : all,
    );
    told = told.replace(/^0\.0\.0\.0$/, '127.0.0.1');
    for (const [inside, here] of Object.entries(this.paths)) told = told.replaceAll(inside, here);
    return told;
  }

  /** Of a peer that is named alone its port stands beside it, and is replaced likewise. */
  environment(settings = {}) {
    const peer = Object.entries(settings).find(
      ([key, value]) => /HOST$|SEEDS$/.test(key) && this.ports[value],
    );
    const beside = peer ? this.ports[peer[1]] : {};
    return Object.fromEntries(
      Object.entries(settings).map(([key, value]) => {
        if (key === peer?.[0]) return [key, '127.0.0.1'];
        return [key, beside[value] ?? this.words(value)];
      }),
    );
  }
}

module.exports = { freePorts, Place, readCompose, readImage };
