import fc from 'fast-check';

/** Words that services say, and words that only look like them. */
const words = [
  ...['Succeed', 'Succeeded', 'success', 'SUCCEED', ' succeed\n', 'Success!', 'partial_success'],
  ...['Failed', 'fail', 'Cancelled', 'Timeout', 'Running', 'Inited', 'create', 'process', 'delete'],
  ...['done', 'finished', 'ended', '0', '200', '-1', 'NaN', 'null', 'undefined', 'true', '', ' '],
  ...['__proto__', 'constructor', 'toString', '2', '1e400', '10%', 'LINKIS_NULL', 'not found'],
  ...['\u0000', '\ud800', '\ufeff', '日志', '"', '\\', '\r\n', '../../x', 'x'.repeat(5000)],
];

/** Any text: plain, with every kind of character, and what a service might say. */
export const text = fc.oneof(
  fc.constantFrom(...words),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

const number = fc.oneof(
  fc.constantFrom(0, 1, -1, 200, 203, 401, 1e21, 2 ** 53 + 2, 5e-324),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** So deep that whoever walks through it by recursion runs out of stack. */
const abyss = fc.constantFrom(20_000, 200_000).map((depth) => new Abyss(depth));

/** Stands for JSON that is nested too deep to be made of objects: {@link asJson} writes it. */
class Abyss {
  constructor(readonly depth: number) {}
}

/** Any JSON value, the keys of real answers among those of its objects. */
export const json: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { arbitrary: fc.constantFrom(null, true, false), weight: 2 },
    { arbitrary: number, weight: 2 },
    { arbitrary: text, weight: 4 },
    { arbitrary: abyss, weight: 1 },
    { arbitrary: fc.array(tie('value'), { maxLength: 5 }), weight: 2 },
    { arbitrary: fc.dictionary(text, tie('value'), { maxKeys: 5 }), weight: 2 },
  ),
})).value;

type Json = unknown[] | Record<string, unknown>;

/** A sound answer with a few of its values replaced or removed, wherever they stand. */
function spoilt(sound: unknown): fc.Arbitrary<unknown> {
  const change = fc.record({
    at: fc.nat(),
    value: fc.option(json, { nil: undefined, freq: 4 }),
  });
  return fc.array(change, { maxLength: 4 }).map((changes) => {
    let root = structuredClone(sound);
    for (const { at, value } of changes) {
      const places = placesIn(root);
      const place = places[at % (places.length + 1)];
      if (place === undefined) root = value ?? null;
      else if (value !== undefined) (place.owner as Record<string, unknown>)[place.key] = value;
      else if (Array.isArray(place.owner)) place.owner.splice(Number(place.key), 1);
      else delete place.owner[place.key];
    }
    return root;
  });
}

function placesIn(value: unknown): { owner: Json; key: string }[] {
  if (typeof value !== 'object' || value === null || value instanceof Abyss) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    { owner: value as Json, key },
    ...placesIn(inner),
  ]);
}

/** JSON's text; `deep` writes the abyss. */
function asJson(value: unknown, deep: (depth: number) => string): string {
  const mark = '"the abyss"';
  const depths: number[] = [];
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (!(inner instanceof Abyss)) return inner;
    depths.push(inner.depth);
    return 'the abyss';
  });
  return depths.reduce((whole, depth) => whole.replace(mark, () => deep(depth)), text ?? 'null');
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** What a service may answer where `sound` is right: that, spoilt, cut off, or something else. */
export function replies(sound: unknown): fc.Arbitrary<Reply> {
  const status = fc.oneof(
    { arbitrary: fc.constant(200), weight: 6 },
    {
      arbitrary: fc.constantFrom(201, 206, 302, 400, 401, 403, 404, 412, 429, 500, 502, 503),
      weight: 2,
    },
  );
  const body = fc.oneof(
    { arbitrary: fc.record({ json: spoilt(sound) }), weight: 8 },
    { arbitrary: fc.record({ json: spoilt(sound), share: share }), weight: 2 },
    { arbitrary: fc.record({ json }), weight: 2 },
    { arbitrary: fc.record({ text }), weight: 1 },
    {
      arbitrary: fc.record({ text: text.map((words) => `<html><title>${words}</title>`) }),
      weight: 1,
    },
  );
  return fc.tuple(status, body).map(([code, made]) => reply(code, made));
}

const share = fc.double({ min: 0, max: 1, noNaN: true });

interface Made {
  readonly json?: unknown;
  readonly text?: string;
  /** How much of the text is sent. */
  readonly share?: number;
}

function reply(status: number, made: Made): Reply {
  const written = (deep: (depth: number) => string) => {
    const whole = made.text ?? asJson(made.json, deep);
    return made.share === undefined ? whole : whole.slice(0, Math.floor(whole.length * made.share));
  };
  return {
    status,
    text: written((depth) => '['.repeat(depth) + ']'.repeat(depth)),
    // What a failed run prints stays readable.
    [fc.toStringMethod]: () => `HTTP ${status} ${written((depth) => `<nested ${depth} deep>`)}`,
  } as Reply;
}
