import fc from 'fast-check';
import { countLineage } from '../../src/lineage/counts';
import { diffLineage, isSame } from '../../src/lineage/diff';
import { columnEntries, datasetEntries, edgeEntries } from '../../src/lineage/diff-entries';
import { reach } from '../../src/lineage/questions';
import { tableLineage } from '../../src/lineage/tables';
import { LineageError } from '../../src/lineage/errors';
import { readLineage } from '../../src/lineage/read-lineage';
import { abstracts, expectedEdges, styles, written } from './generated';
import { canonical, edgesOf, read, signal } from './support';

test('a lineage reads the same whatever ids, order, case and shape the server chose', () =>
  fc.assert(
    fc.asyncProperty(abstracts, styles, styles, async (lineage, style, other) => {
      const [one, two] = [await read(written(lineage, style)), await read(written(lineage, other))];
      expect(canonical(one)).toEqual(canonical(two));
      expect(edgesOf(one).sort()).toEqual(expectedEdges(lineage));
      expect(isSame(diffLineage(one, two))).toBe(true);
    }),
    { numRuns: 300 },
  ));

test('a lineage reads the same wherever its text is cut in pieces', () =>
  fc.assert(
    fc.asyncProperty(abstracts, styles, fc.array(fc.nat()), async (lineage, style, cuts) => {
      const bytes = Buffer.from(written(lineage, style));
      const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
      const body = (async function* () {
        let from = 0;
        for (const place of [...places, bytes.length]) {
          yield bytes.subarray(from, place);
          from = place;
        }
      })();
      expect(canonical(await readLineage(body, { signal }))).toEqual(
        canonical(await read(bytes.toString())),
      );
    }),
    { numRuns: 100 },
  ));

test('a diff says what one has and the other lacks, and the other way round it says the inverse', () =>
  fc.assert(
    fc.asyncProperty(abstracts, abstracts, styles, styles, async (first, second, style, other) => {
      const [one, two] = [await read(written(first, style)), await read(written(second, other))];
      const diff = diffLineage(one, two);
      const names = (lineage: typeof one, edges: readonly number[]) =>
        edges.map((edge) => edgesOf(lineage)[edge]);
      const [had, has] = [new Set(edgesOf(one)), new Set(edgesOf(two))];
      expect(names(one, diff.edgesRemoved)).toEqual([...had].filter((edge) => !has.has(edge)));
      expect(names(two, diff.edgesAdded)).toEqual([...has].filter((edge) => !had.has(edge)));

      const inverse = diffLineage(two, one);
      expect(inverse.edgesAdded).toEqual(diff.edgesRemoved);
      expect(inverse.columnsAdded).toEqual(diff.columnsRemoved);
      expect(inverse.datasetsAdded).toEqual(diff.datasetsRemoved);
      expect(isSame(diff)).toBe(isSame(inverse));

      const { change } = countLineage(two, diff);
      expect([...edgeEntries(diff)]).toHaveLength(change!.edgesAdded + change!.edgesRemoved);
      expect([...columnEntries(diff, { all: true })]).toHaveLength(
        change!.columnsAdded + change!.columnsRemoved,
      );
      expect(datasetEntries(diff)).toHaveLength(change!.datasetsAdded + change!.datasetsRemoved);
    }),
    { numRuns: 200 },
  ));

test('what is upstream of one is downstream of the other', () =>
  fc.assert(
    fc.asyncProperty(
      abstracts,
      styles,
      fc.nat(),
      fc.boolean(),
      async (abstract, style, pick, whole) => {
        const columns = await read(written(abstract, style));
        const lineage = whole ? tableLineage(columns) : columns;
        if (lineage.columns.length === 0) return;
        const start = pick % lineage.columns.length;
        const { distances } = reach(lineage, [start], 'upstream');
        for (const [column, distance] of distances) {
          const back = reach(lineage, [column], 'downstream', distance).distances;
          expect(back.get(start)).toBe(distance);
        }
      },
    ),
    { numRuns: 150 },
  ));

test('no text crashes the reader: it is a lineage, or a LineageError says why not', () =>
  fc.assert(
    fc.asyncProperty(
      abstracts,
      styles,
      fc.nat(),
      fc.oneof(fc.json(), fc.string(), fc.constantFrom('{', '}', '[', ']', '"', ',', 'null', '7')),
      async (abstract, style, at, piece) => {
        const text = written(abstract, style);
        const place = at % (text.length + 1);
        for (const broken of [piece, text.slice(0, place) + piece + text.slice(place)]) {
          await read(broken).catch((error: unknown) => expect(error).toBeInstanceOf(LineageError));
        }
      },
    ),
    { numRuns: 500 },
  ));
