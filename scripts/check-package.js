// Packs what `npm run build` has made, and checks the package as a user gets it: what it exports
// (publint), whether its types are found and true in every way of resolving (attw), what is in it.
const { execFileSync } = require('node:child_process');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const repository = path.join(__dirname, '..');
/** Packed. Beyond it look at what came in; what is large belongs into an optional peer. */
const mostBytes = 1_200_000;
const wanted = [
  'package.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'dist/src/index.js',
  'dist/src/index.d.ts',
  'dist/src/cli/main.js',
  'dist/src/lineage/render/page.js',
  'dist/src/local/public.js',
  'dist/workflows/public.js',
  'dist/activities/public.d.ts',
];
const unwanted = /\.map$|\.tsx?$(?<!\.d\.ts)|(^|\/)(test|bench|demo|examples)\//;

function run(command, ...args) {
  const options = { cwd: repository, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  return execFileSync(command, args, options);
}

function tool(name, ...args) {
  try {
    run(process.execPath, path.join(repository, 'node_modules', name), ...args);
  } catch (error) {
    throw new Error(`${name} found this:\n${error.stdout}`);
  }
}

function check(folder) {
  const flags = ['--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(run('npm', 'pack', ...flags));
  const archive = path.join(folder, packed.filename);
  const files = packed.files.map((file) => file.path);
  const problems = [
    ...wanted.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => unwanted.test(file)).map((file) => `${file} doesn't belong there`),
  ];
  if (packed.size > mostBytes) problems.push(`it has ${packed.size} bytes: more than ${mostBytes}`);
  if (problems.length > 0) throw new Error(`the package: ${problems.slice(0, 20).join('; ')}`);
  tool('publint/src/cli.js', archive, '--strict');
  tool('@arethetypeswrong/cli/dist/index.js', archive);
  const kilobytes = Math.round(packed.size / 1000);
  console.log(
    `${packed.filename}: ${kilobytes} kB packed, ${files.length} files; its exports hold.`,
  );
}

const folder = mkdtempSync(path.join(tmpdir(), 'package-'));
try {
  check(folder);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
