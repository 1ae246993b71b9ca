import { Entrance, type EntranceOptions } from './entrance';

/** Where the entrance runs: it can be restarted on its host and port, and forgets everything then. */
export class EntranceHost {
  readonly #options: EntranceOptions;
  #entrance: Entrance;

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.#entrance = new Entrance(options);
  }

  /** The one that runs now; ask again after every wait. */
  get entrance(): Entrance {
    return this.#entrance;
  }

  /** The new one takes calls at once; resolves when the engines of the old one have stopped. */
  async restart(): Promise<void> {
    const old = this.#entrance;
    this.#entrance = new Entrance(this.#options);
    await old.close();
  }
}
