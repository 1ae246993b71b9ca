import { Watcher } from '../src/watch/watcher';

/** The jobs that this process waits for and was told of: a wait that only began knows nothing yet. */
export class ToldJobs {
  private readonly ids = new Set<string>();

  /** Hears what every watcher of the process tells. */
  constructor() {
    const { ids } = this;
    const { prototype } = Watcher as typeof Watcher<unknown>;
    const observe = Reflect.get(prototype, 'observe');
    prototype.observe = function (job, signal) {
      const observations = observe.call(this, job, signal);
      const next = observations.next.bind(observations);
      const leave = observations.return.bind(observations);
      return Object.assign(observations, {
        async next() {
          try {
            const result = await next();
            if (result.done !== true && result.value.kind !== 'error') ids.add(job.id);
            return result;
          } catch (error) {
            ids.delete(job.id);
            throw error;
          }
        },
        return() {
          ids.delete(job.id);
          return leave();
        },
      });
    };
  }

  /** How many they are, without these. */
  count(except: readonly string[]): number {
    return this.ids.size - except.filter((id) => this.ids.has(id)).length;
  }
}
