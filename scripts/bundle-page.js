// Makes the program of the lineage page one script, with the licences of what is in it.
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { build } = require('esbuild');

const root = path.join(__dirname, '..');

/** @returns {Promise<string>} */
exports.bundlePage = async () => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/lineage/render/browser/main.ts'],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return `${licences(Object.keys(metafile.inputs))}\n${outputFiles[0].text}`;
};

/** Everything that is inlined asks that its notice comes along; those with the same text share it. */
function licences(inputs) {
  const names = new Map();
  for (const input of inputs) {
    const [folder, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input) ?? [];
    if (folder === undefined) continue;
    const file = path.join(root, folder, 'LICENSE');
    if (!existsSync(file)) throw new Error(`${name} has no LICENSE to put into the page`);
    const text = readFileSync(file, 'utf8').trim();
    names.set(text, new Set([...(names.get(text) ?? []), name]));
  }
  return [...names]
    .map(([text, some]) => `/*! ${[...some].join(', ')}\n\n${text.replaceAll('*/', '* /')}\n*/`)
    .join('\n');
}
