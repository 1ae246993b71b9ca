import { SqlFlowClient } from '../src/clients/sqlflow/public';
import type { SqlFlowConnectionOptions } from '../src/config/connection-options';

/** The account of the local SQLFlow. */
export const sqlflowUserId = 'demo';
const secretKey = 'demo-secret';

export function sqlflowConnection(url: string): SqlFlowConnectionOptions {
  return { type: 'sqlflow', url, userId: sqlflowUserId, secretKey: { value: secretKey } };
}

export function sqlflowClient(url: string): SqlFlowClient {
  return new SqlFlowClient({ url, userId: sqlflowUserId, credential: { secretKey } });
}
