import { ByteSink } from '../byte-sink';

/**
 * Where one page of a result set lies. A page that is read into it takes the place of the one
 * before: a million rows then take the memory of two pages, whatever the garbage collector does.
 */
export class PageMemory {
  readonly answer = new ByteSink(0);
  /** Of cells; as in PackedRows. */
  starts = new Int32Array(0);
  ends = new Int32Array(0);
}
