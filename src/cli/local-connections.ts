import type { ConnectionOptions } from '../config/connection-options';

/** Where the local stand-ins are. */
export interface StandInUrls {
  readonly sqlflow: string;
  readonly linkis: string;
}

/** Connections to the local stand-ins, by the names that `remote-jobs dev` gives them. */
export function localConnections(
  urls: StandInUrls,
): Readonly<Record<'sqlflow' | 'linkis', ConnectionOptions>> {
  return {
    // The stand-ins' accounts are public: they hold nothing but what is run on this machine.
    sqlflow: {
      type: 'sqlflow',
      url: urls.sqlflow,
      userId: 'demo',
      secretKey: { value: 'demo-secret' },
    },
    linkis: { type: 'linkis', url: urls.linkis, user: 'hadoop', password: { value: 'hadoop' } },
  };
}
