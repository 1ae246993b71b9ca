import { resolveParams } from '../../src/pipeline-files/params';
import { renderBody, type Scope } from '../../src/pipeline-files/render-body';

const scheduledAtMs = Date.UTC(2026, 4, 1, 1);
const scope: Scope = {
  params: { day: '2026-05-01', limit: 10, full: true, braces: '{{params.limit}}' },
  outputs: { load: { taskId: '7', rows: 3 } },
  scheduledAtMs,
  timeZone: 'Europe/Vienna',
};

describe('renderBody', () => {
  test('fills in parameters, times and outputs, however deep', () => {
    const body = {
      code: "select '{{params.day}}', {{params.limit}}, {{params.full}}",
      list: ['{{scheduledTime}}', { deep: '{{steps.load.taskId}}/{{steps.load.rows}}' }],
      number: 5,
      password: { secret: '{{params.day}}' },
    };
    expect(renderBody(body, scope)).toEqual({
      code: "select '2026-05-01', 10, true",
      list: ['2026-05-01T03:00:00+02:00', { deep: '7/3' }],
      number: 5,
      password: { secret: '{{params.day}}' },
    });
  });

  test('moves and formats dates', () => {
    expect(renderBody('{{params.day -1d | yyyyMMdd}} {{params.day +1mo}}', scope)).toBe(
      '20260430 2026-06-01',
    );
  });

  test('never reads again what it has filled in', () => {
    expect(renderBody('{{params.braces}} {{{{', scope)).toBe('{{params.limit}} {{');
  });

  test('says which step left no such output', () => {
    expect(() => renderBody({ code: '{{steps.load.result}}' }, scope)).toThrow(
      'code: holds {{steps.load.result}}, but the step "load" left no result; it was skipped or failed, or has none this time',
    );
  });

  test('says that a parameter is no date', () => {
    const params = { day: 'soon' };
    expect(() => renderBody('{{params.day -1d}}', { ...scope, params })).toThrow(
      'holds {{params.day -1d}}, but "soon" is no date',
    );
  });
});

describe('resolveParams', () => {
  const definition = {
    timeZone: 'Europe/Vienna',
    params: {
      day: { type: 'date', default: '{{scheduledDate -1d}}' },
      limit: { type: 'number' },
      full: { type: 'boolean', default: false },
      mode: { type: 'string', enum: ['full', 'delta'], default: 'full' },
    },
  } as const;
  const resolved = (given: Record<string, string | number | boolean>) =>
    resolveParams(definition, { given, scheduledAtMs });

  test('types what was typed, and takes defaults for the rest', () => {
    expect(resolved({ limit: '12.5', full: 'true', mode: 'delta' })).toEqual({
      values: { day: '2026-04-30', limit: 12.5, full: true, mode: 'delta' },
      mistakes: [],
    });
  });

  test('names what is missing, unknown or of another type', () => {
    expect(resolved({ ful: 'yes', full: 'yes', mode: 'ful', day: '2026-02-30' }).mistakes).toEqual([
      { field: 'ful', problem: 'is no parameter; did you mean "full"?' },
      { field: 'day', problem: 'is "2026-02-30"; give a date such as 2026-05-01' },
      { field: 'limit', problem: 'has no value; give --param limit=… (number)' },
      { field: 'full', problem: 'is "yes"; give true or false' },
      {
        field: 'mode',
        problem: 'is "ful", and only full, delta are allowed; did you mean "full"?',
      },
    ]);
  });
});
