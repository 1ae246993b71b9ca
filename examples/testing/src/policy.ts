import { SubmitRefusedError, type JobHooks } from 'temporal-remote-jobs';

/** What this team's worker allows. */
export const policy: JobHooks = {
  beforeSubmit({ type, input }) {
    if (type !== 'linkisTask') return undefined;
    if (/\bdrop\s+table\b/i.test(input.code ?? '')) {
      throw new SubmitRefusedError('tables are dropped by the migrations, not by a load');
    }
    return { ...input, labels: { ...input.labels, team: 'sales' } };
  },
};
