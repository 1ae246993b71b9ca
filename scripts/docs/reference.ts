/**
 * Writes the pages under docs/reference from the code. With --check it writes nothing, and fails
 * where a page is not what the code says.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { commandsPage } from './commands-page';
import { settingsPage } from './settings-page';

const folder = path.join(__dirname, '../../docs/reference');

async function main(): Promise<void> {
  const pages = { 'commands.md': commandsPage(), 'settings.md': settingsPage() };
  for (const [name, text] of Object.entries(pages)) {
    const file = path.join(folder, name);
    const page = await format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
    if (!process.argv.includes('--check')) {
      writeFileSync(file, page);
      continue;
    }
    if (existsSync(file) && readFileSync(file, 'utf8') === page) continue;
    process.stderr.write(
      `docs/reference/${name} is not what the code says: npm run docs:reference\n`,
    );
    process.exitCode = 1;
  }
}

void main();
