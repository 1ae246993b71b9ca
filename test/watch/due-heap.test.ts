import fc from 'fast-check';
import { DueHeap, type Due } from '../../src/watch/due-heap';

test('whatever comes and goes in between, the one that waits longest is first', () => {
  const change = fc.oneof(
    fc.record({ push: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ remove: fc.nat() }),
    fc.constant({ shift: true }),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 200 }), (changes) => {
      const heap = new DueHeap<Due>();
      const model: Due[] = [];
      for (const next of changes) {
        if ('push' in next) {
          const item = { dueMs: next.push, place: -1 };
          heap.push(item);
          model.push(item);
        } else if ('remove' in next) {
          const [item] = model.splice(next.remove % (model.length || 1), 1);
          if (item === undefined) continue;
          heap.remove(item);
          // A second time does nothing.
          heap.remove(item);
        } else {
          const item = heap.shift();
          expect(item?.dueMs).toBe(leastOf(model));
          if (item !== undefined) model.splice(model.indexOf(item), 1);
        }
        expect(heap.first?.dueMs).toBe(leastOf(model));
        expect(heap.firstMs).toBe(leastOf(model) ?? Infinity);
      }
      expect(new Set(heap.takeAll())).toEqual(new Set(model));
      expect(heap.first).toBeUndefined();
      expect(model.every(({ place }) => place === -1)).toBe(true);
    }),
  );
});

function leastOf(items: readonly Due[]): number | undefined {
  return items.length === 0 ? undefined : Math.min(...items.map(({ dueMs }) => dueMs));
}
