import type { JsonPath, JsonVisitor } from '../clients/json-scanner';

/** A level of the tree of servers; its name may come after what it holds. */
export interface Scope {
  readonly level: 'servers' | 'databases' | 'schemas' | 'packages';
  readonly within?: Scope;
  name: string;
}

/** A piece of the model as it came: only the fields that the reader knows, and nothing checked. */
export type Element = Readonly<Record<string, unknown>>;

/** Takes the pieces of an export, in whatever order they come. */
export interface ElementTaker {
  relation(element: Element): void;
  /** `section` and `scope` where it comes from a tree of servers. */
  object(element: Element, section?: string, scope?: Scope): void;
  error(element: Element): void;
  /** `code`, `mode`, `dbvendor`, and the words of `error` and `message`; `atRoot`: of the envelope. */
  fact(name: string, value: string | number | boolean | null, atRoot: boolean): void;
  /** There is a model, be it empty. */
  model(): void;
}

const fields = {
  relation: new Set([
    ...['type', 'effectType', 'target', 'sources', 'caller', 'callees', 'processId'],
    ...['id', 'column', 'name', 'parentId', 'parentName'],
  ]),
  object: new Set(['id', 'name', 'type', 'database', 'schema', 'columns', 'queryHashId']),
  error: new Set([
    ...['errorMessage', 'errorType', 'coordinates', 'originCoordinates'],
    ...['x', 'y', 'hashCode'],
  ]),
};

const scopeLevels = new Set(['servers', 'databases', 'schemas', 'packages']);

/**
 * Finds the pieces of a lineage model in a JSON export that streams by: in the envelope or without
 * it, under `data.sqlflow` or `data`, `relationships` or `relations`, `dbobjs` as a list or as a
 * tree of servers. One piece at a time is held.
 */
export class ModelElements implements JsonVisitor {
  readonly #taker: ElementTaker;
  /** The lists and objects of the piece under way, the outermost first. */
  readonly #building: (Record<string, unknown> | unknown[])[] = [];
  #kind: keyof typeof fields = 'relation';
  #section: string | undefined;
  #scope: Scope | undefined;

  constructor(taker: ElementTaker) {
    this.#taker = taker;
  }

  enter(path: JsonPath, isList: boolean): boolean {
    if (this.#building.length > 0) return this.#enterPiece(path, isList);
    const start = modelStart(path);
    if (path.length === start) return !isList;
    const key = path[start];
    const depth = path.length - start;
    if (key === 'dbobjs') return this.#enterObjects(path, depth, isList);
    if (key === 'relationships' || key === 'relations') this.#kind = 'relation';
    else if (key === 'errors') this.#kind = 'error';
    else return depth === 1 && start === 0 && key === 'error' && isList;
    if (depth === 1) {
      if (this.#kind === 'relation') this.#taker.model();
      return isList;
    }
    if (isList) return false;
    this.#building.push({});
    return true;
  }

  #enterObjects(path: JsonPath, depth: number, isList: boolean): boolean {
    if (depth === 1) {
      this.#taker.model();
      return true;
    }
    const last = path[path.length - 1];
    if (isList) return typeof last === 'string';
    if (typeof last === 'string') return false;
    const section = path[path.length - 2];
    if (typeof section === 'string' && scopeLevels.has(section)) {
      this.#scope = { level: section as Scope['level'], within: this.#scope, name: '' };
      return true;
    }
    this.#kind = 'object';
    this.#section = depth === 2 ? undefined : String(section);
    this.#building.push({});
    return true;
  }

  #enterPiece(path: JsonPath, isList: boolean): boolean {
    if (!this.#isKnown(path)) return false;
    const child = isList ? [] : {};
    this.#put(path, child);
    this.#building.push(child);
    return true;
  }

  value(path: JsonPath, value: string | number | boolean | null): void {
    if (this.#building.length > 0) {
      if (this.#isKnown(path)) this.#put(path, value);
      return;
    }
    const start = modelStart(path);
    const key = path[start];
    if (key === 'dbobjs') {
      if (this.#scope && path[path.length - 1] === 'name') this.#scope.name = String(value);
    } else if (key === 'errors') this.#taker.error({ errorMessage: value });
    else if (typeof key === 'string') this.#taker.fact(key, value, path.length === 1);
  }

  leave(path: JsonPath): void {
    const piece = this.#building.pop();
    if (piece !== undefined) {
      if (this.#building.length === 0) this.#hand(piece as Element);
      return;
    }
    const isScope = typeof path[path.length - 1] === 'number' && this.#scope !== undefined;
    if (isScope) this.#scope = this.#scope?.within;
  }

  #hand(piece: Element): void {
    if (this.#kind === 'relation') this.#taker.relation(piece);
    else if (this.#kind === 'error') this.#taker.error(piece);
    else this.#taker.object(piece, this.#section, this.#scope);
  }

  #isKnown(path: JsonPath): boolean {
    const last = path[path.length - 1];
    return typeof last === 'number' || fields[this.#kind].has(last as string);
  }

  #put(path: JsonPath, value: unknown): void {
    const parent = this.#building[this.#building.length - 1];
    if (Array.isArray(parent)) parent.push(value);
    else if (parent) parent[path[path.length - 1] as string] = value;
  }
}

/** How many steps of a path lead to the model. */
function modelStart(path: JsonPath): number {
  const start = path[0] === 'data' ? 1 : 0;
  return path[start] === 'sqlflow' ? start + 1 : start;
}
