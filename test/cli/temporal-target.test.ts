import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { connectTemporal } from '../../src/cli/temporal-target';

const service = '/temporal.api.workflowservice.v1.WorkflowService';
const asIs = (bytes: Buffer) => bytes;
const shape = {
  requestStream: false,
  responseStream: false,
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
};

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A server that gives up the first questions about a namespace, as a busy one does. */
async function busyServer(unanswered: number) {
  let asked = 0;
  const server = new Server();
  closings.push(() => server.forceShutdown());
  server.addService(
    {
      getSystemInfo: { ...shape, path: `${service}/GetSystemInfo` },
      describeNamespace: { ...shape, path: `${service}/DescribeNamespace` },
    },
    {
      getSystemInfo: (_call: unknown, answer: Answer) => answer(null, Buffer.alloc(0)),
      describeNamespace(_call: unknown, answer: Answer) {
        asked += 1;
        if (asked > unanswered) answer(null, Buffer.alloc(0));
        else answer({ code: status.DEADLINE_EXCEEDED, details: 'context deadline exceeded' });
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const address = `127.0.0.1:${port}`;
  const connection = await connectTemporal({
    address,
    namespace: 'default',
    options: { address },
    chosenBy: 'a test',
  });
  closings.push(() => connection.close());
  return {
    ask: () => connection.workflowService.describeNamespace({ namespace: 'default' }),
    asked: () => asked,
  };
}

type Answer = (error: { code: number; details: string } | null, bytes?: Buffer) => void;

test('a question that a busy server left unanswered is asked again', async () => {
  const { ask, asked } = await busyServer(2);
  await expect(ask()).resolves.toBeDefined();
  expect(asked()).toBe(3);
});

test('a server that answers none of three has stopped answering', async () => {
  const { ask, asked } = await busyServer(Infinity);
  await expect(ask()).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  expect(asked()).toBe(3);
});
