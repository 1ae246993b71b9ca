/** An element of a parsed document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
  /** Every element of that name inside, in order. */
  all(name: string): XmlElement[];
}

const token = /<\?[^?]*\?>|<(\/?)([\w:.-]+)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;

/**
 * Reads a document strictly: tags that match, quoted attributes, known entities.
 *
 * @throws Error where it isn't well formed
 */
export function parseXml(document: string): XmlElement {
  const top = element('', {});
  const open = [top];
  token.lastIndex = 0;
  while (token.lastIndex < document.length) {
    const at = token.lastIndex;
    const found = token.exec(document);
    if (!found) throw new Error(`not well formed at ${at}: ${document.slice(at, at + 80)}`);
    const [, closing, name, attributes, selfClosing, text] = found;
    const current = open.at(-1)!;
    if (text !== undefined) current.text += unescaped(text);
    else if (name !== undefined && closing) {
      if (open.pop()!.name !== name) throw new Error(`</${name}> closes ${current.name}`);
    } else if (name !== undefined) {
      const child = element(name, attributesOf(attributes ?? ''));
      current.children.push(child);
      if (!selfClosing) open.push(child);
    }
  }
  if (open.length !== 1 || top.children.length !== 1) throw new Error('not one closed root');
  return top.children[0]!;
}

function element(name: string, attributes: Record<string, string>): XmlElement {
  const children: XmlElement[] = [];
  return {
    name,
    attributes,
    children,
    text: '',
    all: (wanted) =>
      children.flatMap((child) => [
        ...(child.name === wanted ? [child] : []),
        ...child.all(wanted),
      ]),
  };
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([\w:.-]+)="([^"]*)"/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name ?? '', unescaped(value ?? '')]));
}

function unescaped(text: string): string {
  const letters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&([^;]*;?)/g, (whole, name: string) => {
    const letter = letters[name.slice(0, -1)];
    if (letter === undefined || !name.endsWith(';')) throw new Error(`unknown entity ${whole}`);
    return letter;
  });
}
