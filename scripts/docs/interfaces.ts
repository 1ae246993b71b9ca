import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** One property of an interface of settings. */
export interface Setting {
  readonly name: string;
  readonly words: string;
  readonly defaultWords?: string;
  readonly isNeeded: boolean;
}

/** Where the settings' types are. */
const files = [
  'src/config/artifact-options.ts',
  'src/config/connection-options.ts',
  'src/config/log-settings.ts',
  'src/config/notify-schema.ts',
  'src/config/openlineage-options.ts',
  'src/config/schedules.ts',
  'src/contracts/limits.ts',
];

/** @returns the properties of an interface by its name, those that it inherits last */
export function readInterfaces(): (name: string) => readonly Setting[] {
  const declared = new Map(
    files.flatMap((file) => {
      const text = readFileSync(path.join(__dirname, '../..', file), 'utf8');
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
      return source.statements
        .filter(ts.isInterfaceDeclaration)
        .map((one) => [one.name.text, one] as const);
    }),
  );
  const settingsOf = (one: ts.InterfaceDeclaration): Setting[] => [
    ...one.members.filter(ts.isPropertySignature).map(settingOf),
    ...(one.heritageClauses ?? []).flatMap(({ types }) =>
      types.flatMap(({ expression }) => {
        const above = declared.get(expression.getText());
        return above === undefined ? [] : settingsOf(above);
      }),
    ),
  ];
  return (name) => {
    const found = declared.get(name);
    if (found === undefined) throw new Error(`There is no interface ${name}.`);
    return settingsOf(found);
  };
}

function settingOf(property: ts.PropertySignature): Setting {
  const name = property.name.getText();
  const [doc] = ts.getJSDocCommentsAndTags(property).filter(ts.isJSDoc);
  const words = ts.getTextOfJSDocComment(doc?.comment)?.trim();
  if (doc === undefined || words === undefined || words === '') {
    throw new Error(
      `${property.getSourceFile().fileName}: ${name} is a setting without a docstring.`,
    );
  }
  const tag = doc.tags?.find(({ tagName }) => tagName.text === 'default');
  return {
    name,
    words,
    defaultWords: ts.getTextOfJSDocComment(tag?.comment)?.trim(),
    isNeeded: property.questionToken === undefined,
  };
}
