import type { JsonReply, LocalReply } from '../../http/exchange';
import type { FaultAction } from '../../http/fault-actions';
import type { EntranceHost } from '../entrance/entrance-host';
import { fourParts, startOfPage } from '../entrance/log-lines';
import { numberOf } from '../parameters';

interface LogData {
  readonly execID: string;
  readonly log: string | readonly string[];
  readonly fromLine: number;
}

const endpoints = ['log'];
const fields = { lines: 'count' } as const;

/** What a real entrance says while another one takes the task over. */
const placeholder =
  '2026-01-01 00:00:00.000 INFO The job will failover soon, please try again later.(job很快就会failover，请稍后再试)';

/** How live logs lose lines, repeat them and begin anew; the persisted log is whole all the while. */
export function logActions(
  host: EntranceHost,
  logIndexBase: 0 | 1,
): Readonly<Record<string, FaultAction>> {
  return {
    logReset: {
      endpoints,
      apply: async ({ effect }) =>
        changed(await effect(), () => ({ lines: [placeholder], fromLine: 0 })),
    },
    logGap: {
      endpoints,
      fields,
      apply: async ({ effect, fault }) => {
        const lost = (fault.lines as number | undefined) ?? 1;
        return changed(await effect(), ({ lines, fromLine }) => ({
          lines: lines.slice(lost),
          fromLine,
        }));
      },
    },
    logRepeat: {
      endpoints,
      fields,
      apply: async ({ effect, fault, request }) => {
        const repeated = (fault.lines as number | undefined) ?? 1;
        const log = host.entrance.find(request.params.execID ?? '')?.log;
        const start = startOfPage(numberOf(request, 'fromLine') ?? 0, logIndexBase);
        const first = Math.max(0, start - repeated);
        const before = log?.lines(first, start - first) ?? [];
        return changed(await effect(), ({ lines, fromLine }) => ({
          lines: lines.length > 0 ? [...before, ...lines] : lines,
          fromLine,
        }));
      },
    },
  };
}

interface Page {
  readonly lines: readonly string[];
  readonly fromLine: number;
}

/** A refusal, as of a task that the entrance doesn't hold, stays as it is. */
function changed(reply: LocalReply, change: (page: Page) => Page): LocalReply {
  const json = ('json' in reply ? reply.json : {}) as { status?: number; data?: LogData };
  if (json.status !== 0 || json.data === undefined) return reply;
  const { log, fromLine } = json.data;
  const all = typeof log === 'string' ? log : (log.at(-1) ?? '');
  const page = change({ lines: all === '' ? [] : all.split('\n'), fromLine });
  const shown = typeof log === 'string' ? page.lines.join('\n') : fourParts(page.lines);
  const data = { ...json.data, log: shown, fromLine: page.fromLine };
  return { ...(reply as JsonReply), json: { ...json, data } };
}
