import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PackageFile } from '../own-package';
import type { Finding } from './finding';

/** Whether this Node and the packages beside this one are those that it is made for. */
export function checkPackages(
  own: PackageFile,
  installed: (name: string) => string | undefined = installedVersion,
): Finding[] {
  return [nodeFinding(own.engines?.node), ...peerFindings(own.peerDependencies ?? {}, installed)];
}

function nodeFinding(range = '*'): Finding {
  const found = `${process.version}; supported is ${range}`;
  if (isInRange(process.versions.node, range)) return { check: 'Node', status: 'ok', found };
  return { check: 'Node', status: 'wrong', found, cure: 'install a current LTS release of Node' };
}

function peerFindings(
  peers: Readonly<Record<string, string>>,
  installed: (name: string) => string | undefined,
): Finding[] {
  const check = 'packages';
  const versions = Object.keys(peers).flatMap((name) => {
    const version = installed(name);
    return version === undefined ? [] : [{ name, version, range: peers[name] ?? '*' }];
  });
  const strange = versions.filter(({ version, range }) => !isInRange(version, range));
  if (strange.length > 0) {
    const found = strange.map(({ name, version, range }) => `${name} is ${version}, not ${range}`);
    const list = strange.map(({ name, range }) => `'${name}@${range}'`).join(' ');
    return [{ check, status: 'warning', found: found.join('; '), cure: `npm install ${list}` }];
  }
  const temporal = versions.filter(({ name }) => name.startsWith('@temporalio/'));
  const kinds = [...new Set(temporal.map(({ version }) => version))];
  if (kinds.length > 1) {
    const found = temporal.map(({ name, version }) => `${name} ${version}`).join(', ');
    const newest = kinds.sort(compareVersions).at(-1);
    const list = temporal.map(({ name }) => `${name}@${newest}`).join(' ');
    const cure = `Temporal's packages must have one version: npm install ${list}`;
    return [{ check, status: 'wrong', found, cure }];
  }
  return [{ check, status: 'ok', found: `Temporal SDK ${kinds[0] ?? 'not found'}` }];
}

/** As Node would find it from here. */
function installedVersion(name: string): string | undefined {
  for (const folder of require.resolve.paths(name) ?? []) {
    const file = path.join(folder, name, 'package.json');
    if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as PackageFile).version;
  }
  return undefined;
}

/** Ranges as this package writes them: `^1.2.3`, `>=20.3`, `*`. */
export function isInRange(version: string, range: string): boolean {
  const [, sign, least = ''] = /^(\^|>=)(.+)$/.exec(range) ?? [];
  if (sign === undefined) return true;
  if (compareVersions(version, least) < 0) return false;
  const fixed = sign === '^' ? (least.startsWith('0.') ? 2 : 1) : 0;
  const heads = [version, least].map((one) => one.split('.').slice(0, fixed).join('.'));
  return heads[0] === heads[1];
}

function compareVersions(one: string, other: string): number {
  const [left = [], right = []] = [one, other].map((text) => text.split(/[.-]/).map(Number));
  for (const at of [0, 1, 2]) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
