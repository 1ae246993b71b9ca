import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GuardedProcess } from '../../src/local/temporal/guarded-process';
import { bucketKeys, bucketName } from './bucket';
import { gatewayBinary } from './gateway-binary';

/** A real S3 server on 127.0.0.1, over a folder; it ends with this process, however that ends. */
export class S3Gateway {
  private constructor(
    readonly endpoint: string,
    private readonly folder: string,
    private readonly server: GuardedProcess,
  ) {}

  static async start(): Promise<S3Gateway> {
    const binary = await gatewayBinary(process.env);
    const folder = await mkdtemp(path.join(tmpdir(), 'remote-jobs-s3-'));
    await mkdir(path.join(folder, bucketName));
    const port = await freePort();
    const { accessKeyId, secretAccessKey } = bucketKeys;
    const server = new GuardedProcess(
      binary,
      [
        ...['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive'],
        ...['--access', accessKeyId, '--secret', secretAccessKey, 'posix', folder],
      ],
      process.env,
      5_000,
    );
    const gateway = new S3Gateway(`http://127.0.0.1:${port}`, folder, server);
    await gateway.untilAnswers();
    return gateway;
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async untilAnswers(): Promise<void> {
    const ended = this.server.ended.then(() => 'ended');
    for (;;) {
      const asked = fetch(this.endpoint).then(
        () => 'answered',
        () => 'silent',
      );
      const found = await Promise.race([asked, ended]);
      if (found === 'answered') return;
      if (found === 'ended') throw new Error(`the S3 server ended: ${this.server.lastOutput}`);
      await sleep(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
