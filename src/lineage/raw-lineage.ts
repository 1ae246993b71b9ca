import { clip } from '../clients/http/service-words';
import { edgeKinds, type LineageModelError, type LineageProcess } from './model';
import type { Element, ElementTaker, Scope } from './model-elements';
import { modelError } from './model-error';
import { LineageError } from './errors';
import { folded } from './names';

/** An object as the export lists it or names it; what it is shows only at the end. */
export interface RawObject {
  /** Spellings by relations. */
  readonly names: Set<string>;
  /** Spelling by the list of objects. */
  declared?: { readonly name: string; readonly scope?: Scope; readonly levels: readonly string[] };
  type?: string;
  section?: string;
  /** Raw columns by id and name: a result set may have several of one name. */
  readonly columns: Map<string, number>;
}

/** One source and one target of a relation; columns are raw ones. */
export interface RawEdges {
  readonly source: number[];
  readonly target: number[];
  readonly kind: number[];
  readonly effect: number[];
  readonly process: number[];
}

/** Files or statements with mistakes that are kept. */
const mostErrors = 100_000;
/** The service knows some dozen; it keeps a broken export from taking all memory. */
const mostEffects = 10_000;
/** More than any export within the service's limits holds; it keeps a broken one from taking all memory. */
const mostRawEdges = 20_000_000;

/** What an export says, in the order in which it says it; names and kinds are not settled yet. */
export class RawLineage implements ElementTaker {
  readonly objects: RawObject[] = [];
  readonly columnObjects: number[] = [];
  readonly columnNames: string[] = [];
  readonly edges: RawEdges = { source: [], target: [], kind: [], effect: [], process: [] };
  readonly effects: string[] = [];
  readonly processes: LineageProcess[] = [];
  readonly errors: LineageModelError[] = [];
  readonly words: string[] = [];
  /** Of the words, those of `error`. */
  readonly errorWords: string[] = [];
  hasModel = false;
  dialect: string | undefined;
  mode: string | undefined;
  code: string | number | undefined;

  readonly #byId = new Map<string, number>();
  readonly #byName = new Map<string, number>();
  readonly #effectNumbers = new Map<string, number>();
  readonly #processNumbers = new Map<string, number>();

  model(): void {
    this.hasModel = true;
  }

  fact(name: string, value: string | number | boolean | null, atRoot: boolean): void {
    if (value === null || typeof value === 'boolean') return;
    if (name === 'mode') this.mode = String(value).toLowerCase();
    else if (name === 'dbvendor') this.dialect ??= String(value).toLowerCase();
    else if (name === 'code' && atRoot) this.code = value;
    else if ((name === 'error' || name === 'message') && this.words.length < 50) {
      this.words.push(String(value));
      if (name === 'error') this.errorWords.push(clip(String(value)));
    }
  }

  error(element: Element): void {
    if (this.errors.length < mostErrors) this.errors.push(modelError(element));
  }

  object(element: Element, section?: string, scope?: Scope): void {
    const name = text(element.name);
    const type = text(element.type).toLowerCase();
    const id = text(element.id);
    if (type === 'process' || section === 'processes') {
      this.#process(id, { name, ...hash(element.queryHashId) });
      // It may stand between others, as a result set does.
      this.#object(id, name).type = 'process';
      return;
    }
    const number = this.#number(id, name);
    const object = this.objects[number] as RawObject;
    object.declared ??= { name, scope, levels: [text(element.database), text(element.schema)] };
    object.type ??= type === '' ? undefined : type;
    object.section ??= section;
    for (const column of list(element.columns)) {
      const named = text(column.name);
      if (named !== '') this.#column(number, text(column.id), named);
    }
  }

  relation(element: Element): void {
    const kind = edgeKinds.indexOf(text(element.type).toLowerCase() as (typeof edgeKinds)[number]);
    const known = kind === -1 ? edgeKinds.indexOf('other') : kind;
    const effect = this.#effect(text(element.effectType).toLowerCase());
    const processId = text(element.processId);
    const process = processId === '' ? -1 : this.#process(processId);
    const target = this.#end(element.target ?? element.caller);
    for (const end of list(element.sources ?? element.callees)) {
      const source = this.#end(end);
      if (source === undefined || target === undefined) continue;
      this.edges.source.push(source);
      this.edges.target.push(target);
      this.edges.kind.push(known);
      this.edges.effect.push(effect);
      this.edges.process.push(process);
    }
    if (this.edges.kind.length > mostRawEdges) {
      throw new LineageError(
        'Lineage.TooLarge',
        `the export has more than ${mostRawEdges} edges: export it with tableToTable, or fewer files a job`,
      );
    }
  }

  /** A raw column; an end without one, as of a call, stands for the whole object. */
  #end(value: unknown): number | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    const end = value as Element;
    const column = text(end.column);
    if (column === '') {
      const name = text(end.parentName) || text(end.name);
      const parent = text(end.parentId) || text(end.id);
      if (name === '' && parent === '') return undefined;
      return this.#column(this.#number(parent, name), '', '*');
    }
    const object = this.#number(text(end.parentId), text(end.parentName));
    return this.#column(object, text(end.id), column);
  }

  #column(object: number, id: string, name: string): number {
    const { columns } = this.objects[object] as RawObject;
    const key = `${id}\0${folded(name)}`;
    let number = columns.get(key);
    if (number === undefined) {
      number = this.columnNames.length;
      columns.set(key, number);
      this.columnNames.push(name);
      this.columnObjects.push(object);
    } else if (name < (this.columnNames[number] as string)) {
      this.columnNames[number] = name;
    }
    return number;
  }

  #object(id: string, name: string): RawObject {
    return this.objects[this.#number(id, name)] as RawObject;
  }

  /** By id; by name where there is none. */
  #number(id: string, name: string): number {
    const known = id === '' ? this.#byName : this.#byId;
    const key = id === '' ? folded(name) : id;
    let number = known.get(key);
    if (number === undefined) {
      number = this.objects.length;
      this.objects.push({ names: new Set(), columns: new Map() });
      known.set(key, number);
    }
    if (name !== '') (this.objects[number] as RawObject).names.add(name);
    return number;
  }

  #effect(word: string): number {
    let number = this.#effectNumbers.get(word);
    if (number === undefined) {
      if (word !== '' && this.effects.length >= mostEffects) return this.#effect('');
      number = this.effects.length;
      this.#effectNumbers.set(word, number);
      this.effects.push(word);
    }
    return number;
  }

  /** Relations name a process by its id before or after the list of objects tells about it. */
  #process(id: string, process?: LineageProcess): number {
    let number = this.#processNumbers.get(id);
    if (number === undefined) {
      number = this.processes.length;
      this.#processNumbers.set(id, number);
      this.processes.push(process ?? { name: '' });
    } else if (process) this.processes[number] = process;
    return number;
  }
}

/** Ids are texts or numbers. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

function list(value: unknown): Element[] {
  const items: unknown[] = Array.isArray(value) ? value : [];
  return items.filter((item): item is Element => typeof item === 'object' && item !== null);
}

function hash(value: unknown): { queryHash?: string } {
  const queryHash = text(value).toLowerCase();
  return queryHash === '' ? {} : { queryHash };
}
