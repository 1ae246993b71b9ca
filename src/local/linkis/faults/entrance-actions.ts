import type { LocalReply, LocalRequest } from '../../http/exchange';
import type { FaultAction } from '../../http/fault-actions';
import type { EntranceHost } from '../entrance/entrance-host';
import { success } from '../envelope';

const submits = ['submit', 'execute'];
const kills = ['kill', 'killJobs'];
const byExecId = ['status', 'log', 'progress', 'progressWithResource', ...kills];

/** What an entrance does when it dies, forgets, loses or lies. */
export function entranceActions(host: EntranceHost): Readonly<Record<string, FaultAction>> {
  return {
    restartEntrance: {
      apply: async ({ effect }) => {
        await host.restart();
        return effect();
      },
    },
    forgetTask: {
      endpoints: byExecId,
      apply: ({ request, effect }) => {
        for (const execID of execIdsIn(request)) host.entrance.forget(execID);
        return effect();
      },
    },
    leaveRunning: {
      endpoints: submits,
      apply: async ({ effect }) => {
        const reply = await effect();
        const job = host.entrance.find(execIdMadeBy(reply));
        if (job !== undefined) host.entrance.lose(job);
        return reply;
      },
    },
    pretend: {
      endpoints: kills,
      apply: ({ request }) => {
        const done = (execID: string) => success(request.path, { execID });
        const execIDs = execIdsIn(request);
        if (request.path.endsWith('/kill')) return done(execIDs[0] ?? '');
        return success(request.path, { messages: execIDs.map((execID) => done(execID).json) });
      },
    },
  };
}

/** The one in the path, or those in the body of killJobs. */
function execIdsIn({ params, json }: LocalRequest): string[] {
  const { idList } = (json ?? {}) as { idList?: unknown };
  return Array.isArray(idList) ? idList.map(String) : [params.execID ?? ''];
}

/** Empty where the submit was refused. */
function execIdMadeBy(reply: LocalReply): string {
  const json = ('json' in reply ? reply.json : {}) as { data?: { execID?: string } };
  return json.data?.execID ?? '';
}
