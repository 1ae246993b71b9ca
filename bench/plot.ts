import type { TopLevelSpec } from 'vega-lite' with { 'resolution-mode': 'import' };
import type { Comparison, PlottedFigures } from './bench';

/** The first side is the baseline, the last one this package's. */
const colours = ['#b0413e', '#c98a2b', '#7a8f3c', '#7d7d86', '#1f5fa8'];
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

function spec(
  values: readonly { readonly size: number; readonly side: string }[],
  size: string,
  figures: Readonly<Record<string, string>>,
): TopLevelSpec {
  const sides = [...new Set(values.map(({ side }) => side))];
  const sizes = [...new Set(values.map((value) => value.size))];
  const range = sides.map((_, index) =>
    index === sides.length - 1 ? (colours.at(-1) ?? '') : (colours[index] ?? ''),
  );
  return {
    data: { values: [...values] },
    columns: panel.columns,
    concat: Object.entries(figures).map(([figure, title]) => ({
      title,
      width: panel.width,
      height: panel.height,
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
          scale: { type: 'log' },
          axis: { format: '~s', tickCount: 5 },
        },
        color: {
          field: 'side',
          type: 'nominal',
          title: null,
          scale: { domain: sides, range },
          legend: { orient: 'bottom', symbolType: 'stroke', symbolStrokeWidth: 3 },
        },
      },
    })),
    config: {
      background: 'white',
      font: 'system-ui, sans-serif',
      view: { stroke: null },
      title: { fontSize: 13, fontWeight: 600, anchor: 'start' },
      axis: { gridColor: '#e8e8ec', domainColor: '#8a8a94', labelFontSize: 11, titleFontSize: 11 },
      legend: { labelFontSize: 12, labelLimit: 300, columnPadding: 18 },
    },
  };
}

/** Both libraries are ES modules. */
async function svg(plot: TopLevelSpec): Promise<string> {
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')]);
  return await new View(parse(compile(plot).spec), { renderer: 'none' }).toSVG();
}
