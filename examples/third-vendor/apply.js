// Adds the vendor to a copy of the sources: node apply.js FOLDER
const { cpSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const edits = require('./edits');

/** @throws Error that names an anchor that isn't there, or is there twice: the guide has changed */
function apply(folder) {
  cpSync(path.join(__dirname, 'files'), folder, { recursive: true });
  for (const [file, anchor, behind, before = ''] of edits) {
    const place = path.join(folder, file);
    const source = readFileSync(place, 'utf8');
    const found = source.split(anchor).length - 1;
    if (found !== 1) {
      throw new Error(`edits.js: ${file} has this ${found} times, not once:\n${anchor}`);
    }
    // Not by a text alone: "$&" and the like would mean something.
    writeFileSync(
      place,
      source.replace(anchor, () => `${before}${anchor}${behind}`),
    );
  }
}

module.exports = { apply };
if (require.main === module) apply(path.resolve(process.argv[2] ?? ''));
