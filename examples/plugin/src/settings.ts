import type { RemoteJobsPluginOptions } from 'temporal-remote-jobs';

export const taskQueue = 'etl';
export const temporalAddress = process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233';

/** The defaults are the accounts of `remote-jobs dev`. Secrets stay in the environment or in files. */
export const connections: RemoteJobsPluginOptions['connections'] = {
  lineage: {
    type: 'sqlflow',
    url: process.env.SQLFLOW_URL ?? 'http://127.0.0.1:8081/gspLive_backend',
    userId: 'demo',
    secretKey: { env: 'SQLFLOW_SECRET_KEY' },
  },
  cluster: {
    type: 'linkis',
    url: process.env.LINKIS_URL ?? 'http://127.0.0.1:9001',
    user: 'hadoop',
    password: { env: 'LINKIS_PASSWORD' },
  },
};

/** Where inputs, logs and results go; every worker and starter needs the same. */
export const artifacts = { folder: process.env.ARTIFACTS_FOLDER ?? 'artifacts' };
