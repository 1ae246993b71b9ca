import setUp from '../support/global-setup';
import { endpointVariable } from './bucket';
import { S3Gateway } from './gateway';

/** Credentials of whoever runs the tests. */
const personal = /^AWS_/;

/** The run's Temporal server, as every test has it, and an S3 server beside it. */
export default async function globalSetup(): Promise<void> {
  for (const name of Object.keys(process.env)) if (personal.test(name)) delete process.env[name];
  // On Node 20 it says on each start that it will want a newer one.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const gateway = await S3Gateway.start();
  process.env[endpointVariable] = gateway.endpoint;
  (globalThis as { s3Gateway?: S3Gateway }).s3Gateway = gateway;
  await setUp();
}
