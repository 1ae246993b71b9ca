import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { headingId } from './heading-id.ts';

const docs = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const sidebar = JSON.parse(readFileSync(path.join(docs, '.vitepress/sidebar.json'), 'utf8'));

/**
 * Where the sources can be looked at, such as https://HOST/OWNER/REPOSITORY. Without it a link out of
 * docs/ is shown as its words alone, since the site doesn't hold what it leads to.
 */
const sources = process.env.DOCS_SOURCES_URL?.replace(/\/$/, '');

const wide = ['comparison.md', 'concepts/life-of-a-job.md', 'concepts/watching.md'];

/** One job that leads to its result; here, so that no page asks for a file that isn't there. */
const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#3451b2"/><path d="M8 16h14m-6-6 6 6-6 6" fill="none" stroke="#fff" stroke-width="3.4" stroke-linecap="round" stroke-linejoin="round"/></svg>',
)}`;

export default defineConfig({
  title: 'temporal-remote-jobs',
  description: 'Durable jobs on Gudu SQLFlow and Apache Linkis, by Temporal',
  lang: 'en',
  base: process.env.DOCS_BASE ?? '/',
  cleanUrls: true,
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: icon }]],
  outDir: path.join(docs, '../dist/docs'),
  cacheDir: path.join(docs, '../node_modules/.cache/vitepress'),
  // The widest table and the diagrams take the place of the page's outline, too.
  transformPageData({ relativePath, frontmatter }) {
    if (wide.includes(relativePath)) frontmatter.aside = false;
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Quick start', link: '/quick-start' },
      { text: 'Commands', link: '/reference/commands' },
      { text: 'Settings', link: '/reference/settings' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
    ],
    sidebar: sidebar.map((group) => ({ ...group, items: withDecisions(withModules(group.items)) })),
  },
  markdown: {
    // As git hosts name headings, so that one link is right in both places.
    anchor: { slugify: headingId },
    config(markdown) {
      drawMermaid(markdown);
      keepBraces(markdown);
      leadOutside(markdown);
    },
  },
});

/** Each entry point of the package, below the API. */
function withModules(items) {
  const folder = path.join(docs, 'reference/api/temporal-remote-jobs');
  // Not there before `npm run docs:api`.
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const modules = ['', ...names.map((name) => `/${name.replace(/\.md$/, '')}`)].map((name) => ({
    text: name === '' ? 'The package' : name.slice(1),
    link: `/reference/api/temporal-remote-jobs${name}`,
  }));
  return items.map((item) =>
    item.link === '/reference/api/' ? { ...item, collapsed: true, items: modules } : item,
  );
}

/** Each record by its title. */
function withDecisions(items) {
  const folder = path.join(docs, 'decisions');
  const records = readdirSync(folder)
    .filter((name) => /^\d/.test(name))
    .sort()
    .map((name) => ({
      text: /^# (.*)$/m.exec(readFileSync(path.join(folder, name), 'utf8'))[1],
      link: `/decisions/${name.replace(/\.md$/, '')}`,
    }));
  return items.map((item) =>
    item.link === '/decisions/' ? { ...item, collapsed: true, items: records } : item,
  );
}

/** `{{scheduledTime}}` is our own word: no page holds an expression of Vue's. */
function keepBraces(markdown) {
  for (const name of ['text', 'code_inline']) {
    const render = markdown.renderer.rules[name];
    markdown.renderer.rules[name] = (...given) => render(...given).replaceAll('{{', '&#123;&#123;');
  }
}

/** Diagrams are drawn in the reader's browser, by the program that the site brings along. */
function drawMermaid(markdown) {
  const fence = markdown.renderer.rules.fence;
  markdown.renderer.rules.fence = (tokens, at, ...rest) => {
    const { info, content } = tokens[at];
    if (info.trim() !== 'mermaid') return fence(tokens, at, ...rest);
    return `<MermaidDiagram code="${encodeURIComponent(content)}" />`;
  };
}

/** Links to sources, examples and measurements, which the site doesn't hold. */
function leadOutside(markdown) {
  markdown.core.ruler.push('lead-outside', ({ tokens, env }) => {
    for (const { children } of tokens) {
      let isPlain = false;
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const target = outside(token.attrGet('href'), env.path);
          isPlain = target !== undefined && sources === undefined;
          if (target !== undefined && !isPlain)
            token.attrSet('href', `${sources}/blob/HEAD/${target}`);
        }
        if (isPlain && /^link_(open|close)$/.test(token.type)) {
          if (token.type === 'link_close') isPlain = false;
          Object.assign(token, { type: 'text', tag: '', nesting: 0, content: '' });
        }
      }
    }
  });
}

/** The path in the repository of what a page links to outside of docs/; undefined for anything else. */
function outside(href, page) {
  if (!/^\.\.?\//.test(href) || page === undefined) return undefined;
  const target = path.resolve(path.dirname(page), decodeURI(href.replace(/[?#].*$/, '')));
  if (target.startsWith(docs) || !existsSync(target)) return undefined;
  return path.relative(path.join(docs, '..'), target);
}
