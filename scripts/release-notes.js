// Prints the section of CHANGELOG.md that a tag releases, and fails where tag, package and changelog
// don't agree: node scripts/release-notes.js v1.2.3
const { readFileSync } = require('node:fs');
const path = require('node:path');

function releaseNotes(tag, version, changelog) {
  if (tag !== `v${version}`) {
    throw new Error(`The tag is ${tag}, and package.json says ${version}: tag v${version}.`);
  }
  const sections = changelog.split(/^## /m).slice(1);
  // `## 1.2.3 - 2026-01-31`, its version perhaps in brackets.
  const section = sections.find((one) => one.replace(/^\[/, '').split(/[\]\s]/)[0] === version);
  if (section === undefined) {
    throw new Error(`CHANGELOG.md has no section "## ${version}": rename "## Unreleased" to it.`);
  }
  const notes = section.slice(section.indexOf('\n')).trim();
  if (notes === '') throw new Error(`The section "## ${version}" of CHANGELOG.md is empty.`);
  return notes;
}

module.exports = { releaseNotes };

if (require.main === module) {
  const root = path.join(__dirname, '..');
  const { version } = require('../package.json');
  try {
    const changelog = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
    console.log(releaseNotes(process.argv[2], version, changelog));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
