// Checks the manifests against Kubernetes' own schemas: values by their validators, and the names of
// fields, which those let pass, by their types.
const { execFileSync } = require('node:child_process');
const { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { parseAllDocuments } = require('yaml');

const root = path.join(__dirname, '../..');

function manifests(folder) {
  const found = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    for (const document of parseAllDocuments(readFileSync(path.join(folder, file), 'utf8'))) {
      if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0].message}`);
      const manifest = document.toJS();
      // Kustomize's own are not Kubernetes', and a worker's configuration is neither.
      const { apiVersion, kind } = manifest;
      if (apiVersion === undefined || apiVersion.startsWith('kustomize.')) continue;
      found.push({ file, apiVersion, kind, manifest });
    }
  }
  return found;
}

async function checkManifests(folder) {
  const found = manifests(folder);
  for (const { file, apiVersion, kind, manifest } of found) {
    const models = await import(`kubernetes-models/${apiVersion}/${kind}`);
    try {
      new models[kind](manifest).validate();
    } catch (error) {
      throw new Error(`${file}: ${kind}: ${error.message}`);
    }
  }
  checkFields(found);
  return found.length;
}

/** The compiler refuses a field that a literal has and its type has not. */
function checkFields(found) {
  // Beside the package's own, where its types are found.
  const scratch = mkdtempSync(path.join(root, 'node_modules', '.manifests-'));
  try {
    const lines = found.map(
      ({ file, apiVersion, kind, manifest }, index) =>
        `/* ${file}: ${kind} */ export const manifest${index}: import('kubernetes-models/${apiVersion}/${kind}').I${kind} =\n${JSON.stringify(manifest, null, 2)};`,
    );
    const source = path.join(scratch, 'manifests.ts');
    writeFileSync(source, lines.join('\n'));
    const compiler = path.dirname(require.resolve('@typescript/native/package.json'));
    const options =
      '--ignoreConfig --noEmit --strict --skipLibCheck --module esnext --moduleResolution bundler';
    const args = [path.join(compiler, 'bin/tsc'), ...options.split(' '), source];
    execFileSync(process.execPath, args, { cwd: scratch, encoding: 'utf8' });
  } catch (error) {
    throw new Error(`A manifest has a field that Kubernetes has not:\n${error.stdout ?? error}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

module.exports = { checkManifests };
