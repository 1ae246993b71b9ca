import { graphlib, layout, ranker, type LayeredGraph, type Point } from '../lineage/render/dagre';
import { dark, light, type Palette } from '../lineage/render/palette';
import type { PipelineDefinition, PipelineStep } from '../contracts/pipeline';

/** Pixels. */
const sizes = { character: 7.4, inset: 18, least: 110, height: 46, margin: 24, title: 34 };
/** A longer name is cut; the whole one is the box's title. */
const mostCharacters = 32;

/**
 * The steps and what they need, as an SVG that stands alone: each kind by its word and shape, from
 * left to right, light or dark as the reader's system is.
 */
export function drawPipeline({ name, steps }: PipelineDefinition): string {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', ranker: ranker(steps.length), nodesep: 22, ranksep: 64 });
  for (const step of steps) {
    graph.setNode(step.name, { width: widthOf(step), height: sizes.height });
  }
  for (const step of steps) {
    for (const need of step.needs) {
      const label = step.when === 'success' ? {} : { width: 52, height: 16, labelpos: 'c' };
      graph.setEdge(need, step.name, label);
    }
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const wide = Math.ceil(Math.max(width, name.length * 9) + 2 * sizes.margin);
  const high = Math.ceil(height + sizes.title + 2 * sizes.margin);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" role="img" aria-label="${escaped(`the pipeline ${name}`)}">`,
    `<style>${style()}</style>`,
    `<defs>${tipSvg('end', 'tip')}${tipSvg('end-failure', 'tip failure')}</defs>`,
    `<rect class="paper" width="${wide}" height="${high}"/>`,
    `<text class="title" x="${sizes.margin}" y="${sizes.margin + 12}">${escaped(name)}</text>`,
    `<g transform="translate(${sizes.margin} ${sizes.margin + sizes.title})">`,
  ];
  for (const step of steps) {
    for (const need of step.needs) {
      parts.push(lineSvg(graph.edge(need, step.name), step));
    }
  }
  for (const step of steps) parts.push(boxSvg(step, graph.node(step.name)));
  return `${[...parts, '</g>', '</svg>'].join('\n')}\n`;
}

function tipSvg(id: string, kind: string): string {
  return `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="${kind}" d="M0 .8L8 4L0 7.2Z"/></marker>`;
}

function lineSvg(
  { points = [], x, y }: ReturnType<LayeredGraph['edge']>,
  { when }: PipelineStep,
): string {
  const path = points.map(
    (point, at) => `${at === 0 ? 'M' : 'L'}${short(point.x)} ${short(point.y)}`,
  );
  const tip = when === 'failure' ? 'end-failure' : 'end';
  const line = `<path class="line ${when}" marker-end="url(#${tip})" d="${path.join('')}"/>`;
  if (when === 'success' || x === undefined || y === undefined) return line;
  const plate = `<rect class="plate" x="${short(x - 27)}" y="${short(y - 9)}" width="54" height="18" rx="9"/>`;
  const word = `<text class="when" x="${short(x)}" y="${short(y + 3.5)}">${when}</text>`;
  return `${line}${plate}${word}`;
}

function boxSvg(step: PipelineStep, { x, y }: Point): string {
  const width = widthOf(step);
  const { height } = sizes;
  const left = x - width / 2;
  const top = y - height / 2;
  const label =
    step.name.length > mostCharacters ? `${step.name.slice(0, mostCharacters - 1)}…` : step.name;
  return [
    `<g><title>${escaped(`${step.name}: ${step.kind}`)}</title>`,
    shapes[step.kind]({ left, top, width, height }),
    `<text class="name" x="${short(x)}" y="${short(y - 1)}">${escaped(label)}</text>`,
    `<text class="kind" x="${short(x)}" y="${short(y + 14)}">${step.kind}</text></g>`,
  ].join('');
}

interface Corner {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const shapes: Readonly<Record<PipelineStep['kind'], (at: Corner) => string>> = {
  linkis: (at) => rect(at, at.height / 2),
  sqlflow: (at) => rect(at, 4),
  chain: (at) => rect(at, 4) + rect({ ...at, left: at.left + 6, width: at.width - 12 }, 0, 'inner'),
  approval: ({ left, top, width, height }) => {
    const right = left + width;
    const middle = top + height / 2;
    const corners = [
      [left, middle],
      [left + 14, top],
      [right - 14, top],
      [right, middle],
      [right - 14, top + height],
      [left + 14, top + height],
    ];
    const points = corners.map((corner) => corner.map(short).join(',')).join(' ');
    return `<polygon class="box" points="${points}"/>`;
  },
};

function rect({ left, top, width, height }: Corner, radius: number, kind = 'box'): string {
  return `<rect class="${kind}" x="${short(left)}" y="${short(top)}" width="${short(width)}" height="${short(height)}" rx="${radius}"/>`;
}

function widthOf({ name }: PipelineStep): number {
  const characters = Math.min(name.length, mostCharacters);
  return Math.max(sizes.least, characters * sizes.character + 2 * sizes.inset);
}

function style(): string {
  return `text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
.title{font-size:16px;font-weight:600}.name{font-size:12.5px;font-weight:600;text-anchor:middle}
.kind{font-size:10.5px;text-anchor:middle}.when{font-size:10.5px;text-anchor:middle}
.line{fill:none;stroke-width:1.3}.always,.failure{stroke-dasharray:5 4}.inner{fill:none}
${colors(light)}
@media (prefers-color-scheme:dark){${colors(dark)}}`;
}

function colors({ paper, card, border, ink, faint, line, removed }: Palette): string {
  return `.paper,.plate{fill:${paper}}.box{fill:${card};stroke:${border}}.inner{stroke:${border}}.title,.name{fill:${ink}}.kind,.when{fill:${faint}}.line{stroke:${line}}.tip{fill:${line}}.line.failure{stroke:${removed}}.tip.failure{fill:${removed}}`;
}

function short(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
