import { abortable } from './abortable';

/**
 * Lets many callers wait for one run. A caller that aborts leaves alone; the run itself is aborted
 * only when nobody waits for it any more.
 */
export class SingleFlight<T> {
  readonly #run: (signal: AbortSignal) => Promise<T>;
  #flight?: { readonly result: Promise<T>; readonly controller: AbortController; waiting: number };

  constructor(run: (signal: AbortSignal) => Promise<T>) {
    this.#run = run;
  }

  async join(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const flight = (this.#flight ??= this.#start());
    flight.waiting += 1;
    try {
      return await abortable(flight.result, signal);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        if (this.#flight === flight) this.#flight = undefined;
        flight.controller.abort();
      }
    }
  }

  #start() {
    const controller = new AbortController();
    const result = this.#run(controller.signal);
    const flight = { result, controller, waiting: 0 };
    const end = () => {
      if (this.#flight === flight) this.#flight = undefined;
    };
    result.then(end, end);
    return flight;
  }
}
