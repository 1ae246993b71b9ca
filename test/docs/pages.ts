import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import MarkdownIt from 'markdown-it';
import { headingId } from '../../docs/.vitepress/heading-id';

export const repository = path.resolve(__dirname, '../..');

export interface CodeBlock {
  /** The first line of the fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** What follows the language. */
  readonly remark: string;
  readonly text: string;
}

export interface Link {
  readonly line: number;
  readonly href: string;
}

export interface Heading {
  readonly level: number;
  readonly text: string;
}

/** A page of markdown, taken apart. */
export interface Page {
  /** From the repository's folder. */
  readonly file: string;
  readonly headings: readonly Heading[];
  /** What a link may name behind "#". */
  readonly ids: ReadonlySet<string>;
  readonly links: readonly Link[];
  readonly blocks: readonly CodeBlock[];
}

const markdown = new MarkdownIt({ html: true });

/** All that a reader is shown: what lies at the top, the documentation, the examples. */
export function allPages(): Page[] {
  const below = ['docs', 'examples', 'deploy'].flatMap((folder) =>
    readdirSync(path.join(repository, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      path.posix.join(folder, name),
    ),
  );
  return [...readdirSync(repository), ...below]
    .filter(
      (file) => file.endsWith('.md') && !/(^|\/)(node_modules|dist|reference\/api)\//.test(file),
    )
    .sort()
    .map(readPage);
}

export function readPage(file: string): Page {
  const source = readFileSync(path.join(repository, file), 'utf8');
  const tokens = markdown.parse(source.replace(/^---\n.*?\n---\n/s, blankLines), {});
  const headings = tokens.flatMap((token, at) =>
    token.type === 'heading_open'
      ? [{ level: Number(token.tag.slice(1)), text: wordsOf(tokens[at + 1]?.children ?? []) }]
      : [],
  );
  return {
    file,
    headings,
    ids: idsOf(headings),
    links: tokens.flatMap(({ children, map }) =>
      (children ?? []).flatMap((child) => {
        const href = child.attrGet('href') ?? child.attrGet('src');
        return href === null ? [] : [{ href, line: (map?.[0] ?? 0) + 1 }];
      }),
    ),
    blocks: tokens
      .filter(({ type }) => type === 'fence')
      .map(({ info, content, map }) => {
        const [, language = '', remark = ''] = /^(\S*)\s*(.*)$/.exec(info.trim()) ?? [];
        return { line: (map?.[0] ?? 0) + 1, language, remark, text: content };
      }),
  };
}

/** Front matter is no part of the page, but its lines count. */
function blankLines(text: string): string {
  return text.replace(/[^\n]/g, '');
}

function wordsOf(children: readonly { readonly type: string; readonly content: string }[]): string {
  return children
    .filter(({ type }) => type === 'text' || type === 'code_inline')
    .map(({ content }) => content)
    .join('');
}

/** A heading that comes again gets a number. */
function idsOf(headings: readonly Heading[]): Set<string> {
  const ids = new Set<string>();
  for (const { text } of headings) {
    const id = headingId(text);
    let unique = id;
    for (let next = 1; ids.has(unique); next += 1) unique = `${id}-${next}`;
    ids.add(unique);
  }
  return ids;
}
