import type { TopLevelSpec } from 'vega-lite' with { 'resolution-mode': 'import' };
import type { Comparison, PlottedFigures } from './bench';

/** Of the sides before the last one, which is this package's. */
const colours = ['#b0413e', '#d08f1f', '#6f8a35', '#7d7d86'];
const ownColour = '#1f5fa8';
const panel = { width: 250, height: 180, columns: 3 };

/** An SVG for each thing whose growth was compared: a panel for each figure, both axes logarithmic. */
export async function growthPlots(
  { size, figures }: PlottedFigures,
  comparisons: readonly Comparison[],
): Promise<ReadonlyMap<string, string>> {
  const plots = new Map<string, string>();
  for (const of of new Set(comparisons.flatMap(({ growth }) => growth?.of ?? []))) {
    const values = comparisons.flatMap(({ growth, sides }) =>
      growth?.of === of
        ? sides.map(({ name, figures: figuresOfSide }) => ({
            size: growth.size,
            side: name,
            ...figuresOfSide,
          }))
        : [],
    );
    plots.set(of, await svg(spec(values, size, figures)));
  }
  return plots;
}

type Point = Readonly<Record<string, unknown>> & { readonly size: number; readonly side: string };

function spec(
  values: readonly Point[],
  size: string,
  figures: Readonly<Record<string, string>>,
): TopLevelSpec {
  const sides = [...new Set(values.map(({ side }) => side))];
  const sizes = [...new Set(values.map((value) => value.size))];
  const own = sides.length - 1;
  const range = sides.map((_, index) => (index === own ? ownColour : colours[index]) ?? ownColour);
  return {
    data: { values: [...values] },
    columns: panel.columns,
    concat: Object.entries(figures).map(([figure, title]) => ({
      title,
      width: panel.width,
      height: panel.height,
      // A logarithm has no zero.
      transform: [{ filter: `datum['${figure}'] > 0` }],
      mark: { type: 'line', point: { filled: true, size: 45 }, strokeWidth: 2 },
      encoding: {
        x: {
          field: 'size',
          type: 'quantitative',
          title: size,
          scale: { type: 'log' },
          axis: { values: sizes, format: ',', grid: false },
        },
        y: {
          field: figure,
          type: 'quantitative',
          title: null,
          ...logarithmic(values.map((value) => Number(value[figure]))),
        },
        color: {
          field: 'side',
          type: 'nominal',
          title: null,
          scale: { domain: sides, range },
          legend: { orient: 'bottom', columns: 3, symbolType: 'stroke', symbolStrokeWidth: 3 },
        },
        strokeDash: {
          field: 'side',
          type: 'nominal',
          title: null,
          scale: {
            domain: sides,
            range: sides.map((_, index) => (index % 2 && index !== own ? [6, 4] : [1, 0])),
          },
        },
      },
    })),
    config: {
      aria: false,
      background: 'white',
      font: 'system-ui, sans-serif',
      view: { stroke: null },
      title: { fontSize: 13, fontWeight: 600, anchor: 'start' },
      axis: { gridColor: '#e8e8ec', domainColor: '#8a8a94', labelFontSize: 11, titleFontSize: 11 },
      legend: { labelFontSize: 12, labelLimit: 300, columnPadding: 18 },
    },
  };
}

/** Whole powers of ten around the values; 1, 2, 5 between them where there are few. */
function logarithmic(values: readonly number[]) {
  const positive = values.filter((value) => value > 0);
  const lowest = Math.floor(Math.log10(Math.min(...positive)));
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const steps = highest - lowest > 2 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index));
  const ticks = powers.flatMap((power) => steps.map((step) => step * power));
  const domain = [10 ** lowest, 10 ** highest];
  return {
    scale: { type: 'log', domain },
    axis: { values: ticks.filter((tick) => tick <= 10 ** highest), format: ',~r' },
  } as const;
}

/** Both libraries are ES modules. */
async function svg(plot: TopLevelSpec): Promise<string> {
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')]);
  return await new View(parse(compile(plot).spec), { renderer: 'none' }).toSVG();
}
