// Prints packages as arguments of `npm install`, at the versions that the tests ran with (those of
// the lock file, which an installed package doesn't bring along), for the Dockerfile:
//   node scripts/image-packages.js worker|local
const { packages } = require('../package-lock.json');

const { dependencies, peerDependencies, peerDependenciesMeta } = packages[''];
const needed = Object.keys({ ...dependencies, ...peerDependencies }).filter(
  (name) => !peerDependenciesMeta[name]?.optional,
);
const optional = (...scopes) =>
  Object.keys(peerDependenciesMeta).filter((name) => scopes.includes(name.split('/')[0]));
const images = {
  // Buckets and traces are a matter of configuration in a container, where nobody installs anything.
  worker: [...needed, ...optional('@aws-sdk', '@opentelemetry')],
  local: optional('@duckdb', '@polyglot-sql'),
};
const names = images[process.argv[2]];
if (!names) throw new Error(`Name one of ${Object.keys(images).join(', ')}.`);
console.log(names.map((name) => `${name}@${packages[`node_modules/${name}`].version}`).join(' '));
