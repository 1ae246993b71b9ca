import { select } from 'd3-selection';
import { zoom, zoomIdentity, zoomTransform, type ZoomTransform } from 'd3-zoom';
import type { Card } from '../layout';
import { sizes } from '../measure';
import { dark, light } from '../palette';
import { paint } from './paint';
import type { Scene } from './scene';

/** A drawing that takes longer than this, in milliseconds, isn't made anew for each move. */
const smoothMs = 14;
/** How long a slow picture is moved as it is before it is drawn anew. */
const restMs = 140;
const margin = 32;
/** A stage narrower than this, as a phone's, begins with what can be read rather than with all of it. */
const narrow = 640;
const legible = 0.6;

/** The canvas, what part of the scene it shows, and how that moves. */
export class Viewport {
  private readonly stage: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly behavior = zoom<HTMLElement, unknown>()
    .scaleExtent([0.01, 4])
    .clickDistance(4)
    .on('zoom', () => this.moved());
  private drawn: ZoomTransform = zoomIdentity;
  private lastMs = 0;
  private frame = 0;
  private timer = 0;
  private readonly isDark = matchMedia('(prefers-color-scheme: dark)');

  constructor(
    stage: HTMLElement,
    private readonly scene: Scene,
  ) {
    this.stage = stage;
    this.canvas = stage.querySelector('canvas')!;
    select(stage).call(this.behavior).on('dblclick.zoom', null);
    this.isDark.addEventListener('change', () => this.redraw());
    new ResizeObserver(() => this.resized()).observe(stage);
    this.resized();
  }

  get view(): ZoomTransform {
    return zoomTransform(this.stage);
  }

  /** A place on the screen as a place of the picture. */
  placeOf({ clientX, clientY }: MouseEvent): [x: number, y: number] {
    const { left, top } = this.stage.getBoundingClientRect();
    return this.view.invert([clientX - left, clientY - top]);
  }

  /** All of it; where that were specks on a narrow stage, the first layer, to go on from. */
  begin(): void {
    this.fit();
    const { cards, height } = this.scene.layout;
    const { clientWidth, clientHeight } = this.stage;
    if (clientWidth >= narrow || this.view.k >= legible || cards.length === 0) return;
    const left = cards.reduce((least, { x }) => Math.min(least, x), Infinity);
    const far = (card: Card) => Math.abs(card.y + card.height / 2 - height / 2);
    const first = cards
      .filter(({ x }) => x === left)
      .reduce((nearest, card) => (far(card) < far(nearest) ? card : nearest));
    const middle = first.y + first.height / 2;
    this.show(
      zoomIdentity
        .translate(margin / 2 - left * legible, clientHeight / 2 - middle * legible)
        .scale(legible),
    );
  }

  /** All of it, as large as it fits. */
  fit(): void {
    const { width, height } = this.scene.layout;
    const { clientWidth, clientHeight } = this.stage;
    const k = Math.min(
      1.2,
      (clientWidth - 2 * margin) / Math.max(width, 1),
      (clientHeight - 2 * margin) / Math.max(height, 1),
    );
    const scale = Math.max(k, 0.01);
    this.show(
      zoomIdentity
        .translate((clientWidth - width * scale) / 2, (clientHeight - height * scale) / 2)
        .scale(scale),
    );
  }

  /** Brings a card, or one of its rows, to the middle, large enough to be read. */
  center({ x, y, width, rows }: Card, column?: number): void {
    const row = column === undefined ? -1 : rows.indexOf(column);
    const height = row < 0 ? sizes.header / 2 : sizes.header + (row + 0.5) * sizes.row;
    const k = Math.max(this.view.k, 0.8);
    const { clientWidth, clientHeight } = this.stage;
    this.show(
      zoomIdentity
        .translate(clientWidth / 2 - (x + width / 2) * k, clientHeight / 2 - (y + height) * k)
        .scale(k),
    );
  }

  /** Moves the picture by pixels, or about the middle by a factor. */
  move(x: number, y: number, factor = 1): void {
    const stage = select(this.stage);
    if (factor === 1) this.behavior.translateBy(stage, x / this.view.k, y / this.view.k);
    else this.behavior.scaleBy(stage, factor);
  }

  private show(view: ZoomTransform): void {
    this.behavior.transform(select(this.stage), view);
    this.redraw();
  }

  /** Draws with the next frame. */
  redraw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    clearTimeout(this.timer);
    this.timer = 0;
    const started = performance.now();
    this.drawn = this.view;
    this.canvas.style.transform = '';
    paint(this.canvas, this.scene, this.drawn, {
      palette: this.isDark.matches ? dark : light,
      scale: devicePixelRatio,
    });
    this.lastMs = performance.now() - started;
  }

  /** What takes long to draw is moved as it was drawn, and drawn when the hand rests. */
  private moved(): void {
    if (this.lastMs <= smoothMs) {
      this.redraw();
      return;
    }
    const { x, y, k } = this.view;
    const by = k / this.drawn.k;
    this.canvas.style.transform = `translate(${x - this.drawn.x * by}px,${y - this.drawn.y * by}px) scale(${by})`;
    if (this.timer === 0) this.timer = window.setTimeout(() => this.redraw(), restMs);
  }

  private resized(): void {
    const { clientWidth, clientHeight } = this.stage;
    this.canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.canvas.height = Math.round(clientHeight * devicePixelRatio);
    this.canvas.style.width = `${clientWidth}px`;
    this.canvas.style.height = `${clientHeight}px`;
    // A new size empties the canvas: with the next frame it would be seen black.
    this.draw();
  }
}
