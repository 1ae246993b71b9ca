import { readInterfaces, type Setting } from './interfaces';
import { blocks, code, plain, table } from './markdown';
import { keysOf, rootRows, settingGroups, type SettingGroup } from './setting-groups';

/** Every setting, by what the code's own types say of it. */
export function settingsPage(): string {
  const interfaces = readInterfaces();
  return blocks(
    '# Settings',
    '<!-- Made from the code: npm run docs:reference -->',
    'Every setting of `remote-jobs.yaml`, as the program itself has them. [Configuration](../configuration.md) says how they are used together, and `remote-jobs config check` names every mistake at its line. A setting that is a secret is given as `{ env: NAME }` or `{ file: PATH }`; paths begin at the folder of the file.',
    '## The file',
    table(
      ['setting', 'is', 'default'],
      rootRows().map(([name, words, fallback]) => [code(name), words, fallback]),
    ),
    ...settingGroups.map((group) =>
      blocks(
        `## ${group.heading}`,
        group.words,
        table(['setting', 'is', 'default'], settingsOf(group, interfaces).map(row)),
      ),
    ),
  );
}

/** In the order of the interface, and exactly those that the program reads. */
function settingsOf(
  { of, schema, heading }: SettingGroup,
  interfaces: (name: string) => readonly Setting[],
): readonly Setting[] {
  const settings = interfaces(of);
  const read = schema && keysOf(schema);
  const said = settings.map(({ name }) => name);
  const differs =
    read?.some((key) => !said.includes(key)) || said.some((key) => !(read ?? said).includes(key));
  if (differs === true) {
    throw new Error(`${heading}: ${of} says ${said.join(', ')}; read are ${read?.join(', ')}.`);
  }
  return settings;
}

function row({ name, words, defaultWords, isNeeded }: Setting): string[] {
  const given = defaultWords?.replace(/^'(.*)'$/, '$1').replace(/(\d)_(?=\d)/g, '$1,');
  const shown = given === undefined ? (isNeeded ? 'needed' : '') : plainOrCode(given);
  return [code(name), prose(words), shown];
}

/** Back-ticks of a docstring are a page's, too. */
function prose(text: string): string {
  return text
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : plain(part)))
    .join('');
}

function plainOrCode(text: string): string {
  return /^[\w.,-]+$/.test(text) && !/^(none|nothing|all)$/.test(text) ? code(text) : prose(text);
}
