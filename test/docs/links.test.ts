import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { allPages, repository, type Page } from './pages';

const pages = allPages();
/** Not there before `npm run docs:api`. */
const madeByTypeDoc = 'docs/reference/api/';
const byFile = new Map(pages.map((page) => [page.file, page]));

test('every link between pages leads to a file, and to a heading that is there', () => {
  const dead = pages.flatMap((page) =>
    page.links.flatMap(({ href, line }) => {
      const problem = problemOf(page, href);
      return problem === undefined ? [] : [`${page.file}:${line}: ${href} ${problem}`];
    }),
  );
  expect(dead).toEqual([]);
});

test('every page of the documentation stands in the side bar once, and nothing else does', () => {
  const groups = JSON.parse(
    readFileSync(path.join(repository, 'docs/.vitepress/sidebar.json'), 'utf8'),
  ) as { items: { link: string }[] }[];
  const listed = groups.flatMap(({ items }) => items.map(({ link }) => fileOf(link)));
  const written = pages
    .map(({ file }) => file)
    // The side bar lists the records by itself, and npm run docs:api makes the reference of the API.
    .filter((file) => /^docs\/(?!index\.md$|decisions\/\d|reference\/api\/)/.test(file));
  expect(listed.filter((file) => !file.startsWith(madeByTypeDoc)).sort()).toEqual(written.sort());
});

test("the home page and the site's navigation lead to pages that are there", () => {
  const links = ['docs/index.md', 'docs/.vitepress/config.mjs'].flatMap((file) => {
    const text = readFileSync(path.join(repository, file), 'utf8');
    return [...text.matchAll(/\blink: '?(\/[\w/-]+)/g)].map(([, link = '']) => link);
  });
  expect(links).toContain('/quick-start');
  expect(links.filter((link) => !byFile.has(fileOf(link)) && link !== '/decisions/')).toEqual([]);
});

function fileOf(link: string): string {
  return `docs${link.endsWith('/') ? `${link}index` : link}.md`;
}

/** What is wrong with a link; undefined where nothing is, or where it leads to another site. */
function problemOf(page: Page, href: string): string | undefined {
  if (/^[a-z]+:/.test(href)) return undefined;
  const [name = '', id] = decodeURI(href).split('#');
  if (name.startsWith('/')) return 'must be relative: a git host has another root';
  const file = name === '' ? page.file : path.posix.join(path.posix.dirname(page.file), name);
  const target = path.join(repository, file);
  if (file.startsWith(madeByTypeDoc)) return undefined;
  if (!existsSync(target)) return `leads nowhere: there is no ${file}`;
  if (page.file.startsWith('docs/') && file.startsWith('docs/') && statSync(target).isDirectory()) {
    return 'leads to a folder: name its index.md, which the site needs';
  }
  if (id === undefined || byFile.get(file)?.ids.has(id) === true) return undefined;
  return `names no heading of ${file}`;
}
