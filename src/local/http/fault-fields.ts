/** What a field of a fault must be. */
export type FieldKind =
  'number' | 'text' | 'number or text' | 'count' | 'milliseconds' | 'texts' | 'endpoint';

interface Kind {
  readonly words: string;
  readonly fits: (value: unknown, endpoints: readonly string[]) => boolean;
}

/** Each kind, as a refusal says it. */
export const fieldKinds: Readonly<Record<FieldKind, Kind>> = {
  number: { words: 'number', fits: (value) => typeof value === 'number' },
  text: { words: 'text', fits: isText },
  'number or text': {
    words: 'number or text',
    fits: (value) => typeof value === 'number' || isText(value),
  },
  count: {
    words: 'a whole number from 1',
    fits: (value) => Number.isInteger(value) && (value as number) >= 1,
  },
  milliseconds: {
    words: 'milliseconds, 0 or more',
    fits: (value) => typeof value === 'number' && value >= 0,
  },
  texts: {
    words: 'a list of texts, not an empty one',
    fits: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
  },
  endpoint: {
    words: 'the name of an endpoint',
    fits: (value, endpoints) => isText(value) && endpoints.includes(value),
  },
};

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
