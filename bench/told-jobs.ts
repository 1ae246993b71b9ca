import { Watched } from '../src/watch/watched';
import { Watcher } from '../src/watch/watcher';

/**
 * The jobs that this process waits for and was told of: a wait that only began knows nothing yet.
 * It hears of them without a promise of its own, which would grow old on the heap that is measured.
 */
export class ToldJobs {
  private readonly ids = new Set<string>();

  /** Hears what every watcher of the process tells. */
  constructor() {
    const { ids } = this;
    const watched = Watched.prototype as Watched<unknown>;
    const tell = Reflect.get(watched, 'tell');
    watched.tell = function (observation, ...terms) {
      if (observation.kind !== 'error') ids.add(this.id);
      tell.call(this, observation, ...terms);
    };
    const watcher = Watcher.prototype as unknown as { leave: Leave };
    const leave = Reflect.get(watcher, 'leave');
    watcher.leave = function (job, observer) {
      leave.call(this, job, observer);
      if (!job.isWatched) ids.delete(job.id);
    };
  }

  /** How many they are, without these. */
  count(except: readonly string[]): number {
    return this.ids.size - except.filter((id) => this.ids.has(id)).length;
  }
}

type Leave = (job: Watched<unknown>, observer: unknown) => void;
