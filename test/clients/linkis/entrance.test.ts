import {
  HttpError,
  InputError,
  VendorError,
  WireError,
  isTerminalLinkisStatus,
  linkisStatus,
} from '../../../src/clients/linkis/public';
import { Gateway, call, execId, failure, says, saysData, saysText } from './gateway';

describe('a Linkis task in its entrance', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await Gateway.start();
  });
  afterAll(() => gateway.close());

  it('asks for the status by an encoded exec id, with the task id where it is known', async () => {
    gateway.answer(says('status'));
    const client = gateway.client();
    expect(await client.status(execId, { taskId: '7' }, call)).toEqual({
      status: 'Running',
      execId,
    });
    expect(gateway.last.query).toEqual({ taskID: '7' });
    await client.status('a/b:c?d', {}, call);
    expect(gateway.last).toMatchObject({
      method: 'GET',
      path: '/api/rest_j/v1/entrance/a%2Fb%3Ac%3Fd/status',
      query: {},
    });
  });

  it.each(['', ' ', '.', '..'])('refuses "%s" for an exec id', async (wrong) => {
    gateway.answer(says('kill'));
    expect(await failure(gateway.client().kill(wrong, {}, call), InputError)).toMatchObject({
      field: 'execId',
    });
    expect(gateway.received).toEqual([]);
  });

  it('means the same by a status word in any case, and nothing by an unknown one', () => {
    expect(['Inited', 'WaitForRetry', 'SCHEDULED'].map(linkisStatus)).toEqual(
      Array(3).fill('queued'),
    );
    expect(['Running', 'Succeed', 'FAILED', 'Cancelled', 'Timeout'].map(linkisStatus)).toEqual([
      'running',
      'succeeded',
      'failed',
      'cancelled',
      'timedOut',
    ]);
    expect(linkisStatus('Success')).toBe('unknown');
    expect(isTerminalLinkisStatus('failed')).toBe(true);
    expect(isTerminalLinkisStatus('WaitForRetry')).toBe(false);
    expect(isTerminalLinkisStatus('Success')).toBe(false);
  });

  describe('its log', () => {
    const log = (more = {}) => gateway.client().log(execId, { fromLine: 0, ...more }, call);

    it('is every level in order, and each level by itself', async () => {
      gateway.answer(says('log-four-part'));
      expect(await log({ fromLine: 12, size: -1 })).toEqual({
        lines: [
          '2026-08-11 10:00:00.001 INFO Program is substituting variables for you',
          '2026-08-11 10:00:01.500 INFO job is running',
          '',
          '2026-08-11 10:00:02.117 WARN [Thread-9] retrying',
        ],
        byLevel: {
          error: [],
          warn: ['2026-08-11 10:00:02.117 WARN [Thread-9] retrying'],
          info: [expect.stringContaining('substituting'), expect.stringContaining('running')],
        },
        // Not the number of lines: dropped ones count.
        fromLine: 56,
      });
      expect(gateway.last.query).toEqual({ fromLine: '12', size: '-1' });
    });

    it('may come as one plain text', async () => {
      gateway.answer(says('log-plain'));
      expect(await log({ distinctLevel: false })).toEqual({
        lines: ['first line', 'second line'],
        fromLine: 2,
      });
      expect(gateway.last.query).toEqual({ fromLine: '0', distinctLevel: 'false' });
    });

    it('has no lines where it is null, "" or a list of nothing', async () => {
      gateway.answer(says('log-null'));
      expect(await log()).toEqual({ lines: [], fromLine: 56 });
      gateway.answer(saysData({ log: '', fromLine: 3 }));
      expect(await log()).toEqual({ lines: [], fromLine: 3 });
      gateway.answer(saysData({ log: ['', '', '', ''], fromLine: '3' }));
      expect(await log()).toMatchObject({ lines: [], fromLine: 3 });
    });

    it('survives the placeholder of a failover, whose lower levels are null', async () => {
      gateway.answer(says('log-failover'));
      expect(await log({ fromLine: 70 })).toMatchObject({
        lines: [expect.stringContaining('failover soon')],
        fromLine: 0,
      });
    });

    it('is notFound once the entrance has let go of the task', async () => {
      gateway.answer(says('log-ended', 400));
      expect(await failure(log(), VendorError)).toMatchObject({ kind: 'notFound' });
    });

    it('needs fromLine in the answer, and a good one in the question', async () => {
      gateway.answer(saysData({ log: '' }));
      expect(await failure(log(), WireError)).toMatchObject({ field: 'data.fromLine' });
      expect(await failure(log({ fromLine: -1 }), InputError)).toMatchObject({ field: 'fromLine' });
    });

    it.each([-1, 0.5, 2 ** 60, '7.5'])('refuses %j for a place in a log', async (fromLine) => {
      gateway.answer(saysData({ log: ['', '', '', 'line'], fromLine }));
      expect(await failure(log(), WireError)).toMatchObject({ field: 'data.fromLine' });
    });
  });

  describe('its progress', () => {
    it('comes with the engine steps and the Yarn resources', async () => {
      gateway.answer(says('progress-with-resource'));
      expect(await gateway.client().progressWithResource(execId, call)).toEqual({
        progress: 0.5,
        tasks: [
          {
            id: 'jobId-1(linkis-spark-mix-code-1946915)',
            total: 6,
            succeeded: 4,
            failed: 0,
            running: 0,
          },
        ],
        resources: {
          applications: [
            {
              applicationId: 'application_1655364300926_69504',
              queue: 'default',
              status: 'COMPLETED',
              cores: 6,
              memoryBytes: 9663676416,
              instances: 0,
            },
          ],
          coreShare: 0.02,
          memoryShare: 0.009,
        },
      });
    });

    it.each(['progress', 'progress-without-yarn'])(
      'comes without resources in %s',
      async (name) => {
        gateway.answer(says(name));
        expect(await gateway.client().progress(execId, call)).toEqual({ progress: 0.5, tasks: [] });
      },
    );

    it.each([
      [0.99, 0.99],
      ['1.0', 1],
      ['10%', 0.1],
      ['', undefined],
      [null, undefined],
      ['soon', undefined],
      [1.7, 1],
      [-0.2, 0],
    ])('reads %j as %j', async (sent, read) => {
      gateway.answer(saysData({ progress: sent, progressInfo: null, yarnMetrics: null }));
      expect(await gateway.client().progress(execId, call)).toEqual({ progress: read, tasks: [] });
    });
  });

  describe('its kill', () => {
    const kill = () => gateway.client().kill(execId, { taskId: '1946923' }, call);
    const methods = () => gateway.received.map(({ method }) => method);

    it('is a GET, as in every server', async () => {
      gateway.answer(says('kill'));
      await kill();
      expect(methods()).toEqual(['GET']);
      expect(gateway.last.query).toEqual({ taskID: '1946923' });
    });

    it.each([404, 405])('is a POST with a body where GET gets %i', async (status) => {
      gateway.answer(says('spring-405', status), says('kill'));
      await kill();
      expect(methods()).toEqual(['GET', 'POST']);
      expect(gateway.last).toMatchObject({ query: { taskID: '1946923' }, body: '{}' });
    });

    it('is sent once where it is refused: finished, or somebody else’s', async () => {
      gateway.answer(says('kill-finished', 400));
      expect(await failure(kill(), VendorError)).toMatchObject({
        kind: 'refused',
        vendorCode: 20011,
      });
      gateway.answer(says('kill-foreign', 400));
      const foreign = await failure(kill(), VendorError);
      expect(foreign).toMatchObject({ kind: 'refused' });
      expect(foreign.serviceMessage).toContain('no permission');
      expect(methods()).toEqual(['GET']);
    });

    it('fails where both methods are unknown, and where the answer is empty', async () => {
      gateway.answer(says('spring-404', 404));
      expect(await failure(kill(), HttpError)).toMatchObject({ status: 404 });
      expect(methods()).toEqual(['GET', 'POST']);
      gateway.answer(saysText(''));
      expect(await failure(kill(), WireError)).toMatchObject({ found: 'empty' });
    });
  });
});
