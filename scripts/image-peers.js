// Prints optional peers as arguments of `npm install`, at the versions of the lock file, for the
// Dockerfile: node scripts/image-peers.js s3|local
const { packages } = require('../package-lock.json');

const peers = {
  s3: ['@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  local: ['@duckdb/node-api', '@polyglot-sql/sdk'],
};
const names = peers[process.argv[2]];
if (!names) throw new Error(`Name one of ${Object.keys(peers).join(', ')}.`);
console.log(names.map((name) => `${name}@${packages[`node_modules/${name}`].version}`).join(' '));
