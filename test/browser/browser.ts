import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { layoutOf, type Card, type Layout } from '../../src/lineage/render/layout';
import { sizes } from '../../src/lineage/render/measure';
import { columnTitle, type Picture } from '../../src/lineage/render/picture';

const known = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A headless browser that opens pages from files, and remembers what they did that they mustn't. */
export class TestBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly folder: string,
  ) {}

  static async start(): Promise<TestBrowser> {
    const executablePath = known.find((one) => one !== undefined && existsSync(one));
    if (executablePath === undefined) {
      throw new Error('No Chromium: install Debian’s chromium, or name one with CHROMIUM_PATH.');
    }
    // A container's root has no sandbox for it; the pages are our own.
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    return new TestBrowser(browser, await mkdtemp(path.join(tmpdir(), 'lineage-page-')));
  }

  async open(
    html: AsyncIterable<string>,
    { dark = false, width = 1400 } = {},
  ): Promise<{ page: Page; trouble: string[] }> {
    const file = path.join(this.folder, 'lineage.html');
    await writeFile(file, html);
    const page = await this.browser.newPage({
      viewport: { width, height: 850 },
      colorScheme: dark ? 'dark' : 'light',
    });
    page.setDefaultTimeout(30_000);
    const trouble: string[] = [];
    const url = pathToFileURL(file).href;
    page.on('console', (message) => trouble.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
    page.on('dialog', (dialog) => {
      trouble.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (request.url() !== url) trouble.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    return { page, trouble };
  }

  async close(): Promise<void> {
    await this.browser.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Where the page draws things, by the same layout, and where they are on the screen now. */
export class Places {
  private readonly layout: Layout;

  constructor(
    private readonly page: Page,
    private readonly picture: Picture,
    isOpen: (name: string) => boolean,
  ) {
    this.layout = layoutOf(picture, {
      isDrawn: () => true,
      isOpen: (table) => isOpen(picture.tables[table]!.name),
    });
  }

  private card(name: string): Card {
    const table = this.picture.tables.findIndex((one) => one.name === name);
    return this.layout.cards[this.layout.cardOf[table]!]!;
  }

  head(name: string): Promise<[number, number]> {
    const { x, y } = this.card(name);
    return this.onScreen(x + 2 * sizes.inset, y + sizes.header / 2);
  }

  handle(name: string): Promise<[number, number]> {
    const { x, y, width } = this.card(name);
    return this.onScreen(x + width - sizes.inset - sizes.handle / 2, y + sizes.header / 2);
  }

  row(title: string): Promise<[number, number]> {
    const column = this.picture.columns.findIndex(
      (_, index) => columnTitle(this.picture, index) === title,
    );
    const { x, y, rows } = this.card(
      this.picture.tables[this.picture.columns[column]!.table]!.name,
    );
    const row = rows.indexOf(column);
    return this.onScreen(x + 2 * sizes.inset, y + sizes.header + (row + 0.5) * sizes.row);
  }

  /** On a line that leaves a row to the right, just beside its table. */
  async beside(title: string): Promise<[number, number]> {
    const [x, y] = await this.row(title);
    const { k } = await this.view();
    const width = this.layout.cards[0]!.width;
    return [x + (width - 2 * sizes.inset + 4) * k, y];
  }

  private async onScreen(x: number, y: number): Promise<[number, number]> {
    const { k, x: left, y: top } = await this.view();
    const box = (await this.page.locator('#stage').boundingBox())!;
    return [box.x + left + x * k, box.y + top + y * k];
  }

  view(): Promise<{ x: number; y: number; k: number }> {
    return this.page.locator('#stage').evaluate((stage) => {
      // Where d3-zoom keeps it.
      const { x, y, k } = (stage as any).__zoom;
      return { x, y, k };
    });
  }
}

/** The names in one of the lists beside the picture. */
export function listed(page: Page, way: 'upstream' | 'downstream'): Promise<string[]> {
  return page.locator(`#${way} button`).allTextContents();
}

/** Whether a colour is seen around a place of the screen; the edge of a line is a shade of it. */
export async function isSeen(
  page: Page,
  [x, y]: [number, number],
  color: string,
  radius = 3,
): Promise<boolean> {
  const wanted = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  await rested(page);
  return page.locator('canvas').evaluate(
    (canvas: any, { left, top, size, wanted }) => {
      const box = canvas.getBoundingClientRect();
      const copy = new (globalThis as any).OffscreenCanvas(size, size);
      const context = copy.getContext('2d', { willReadFrequently: true });
      context.drawImage(canvas, left - box.left, top - box.top, size, size, 0, 0, size, size);
      const { data } = context.getImageData(0, 0, size, size);
      for (let at = 0; at < data.length; at += 4) {
        if (wanted.every((channel, index) => Math.abs(channel - data[at + index]) <= 24))
          return true;
      }
      return false;
    },
    { left: Math.round(x) - radius, top: Math.round(y) - radius, size: 2 * radius + 1, wanted },
  );
}

/** After the next two frames: what was asked to be drawn is. */
export async function rested(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const { requestAnimationFrame: frame } = globalThis as any;
        frame(() => frame(resolve));
      }),
  );
}
