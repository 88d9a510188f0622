/** The service that is scaled and updated, with as many replicas as asked for. */
import { assert } from '#shared/base/assert.ts';
import type { Harbour } from '#main/orchestrator/harbour.fixture.ts';
import { until } from './commands.ts';

/** As many are replaced at once, ours and the peers'. */
export const parallelism = 5;

export class Wide {
  readonly name = 'wide';
  readonly #harbour: Harbour;
  #image: string;
  #replicas = 1;

  private constructor(harbour: Harbour, image: string) {
    this.#harbour = harbour;
    this.#image = image;
  }

  /** Begins with one replica. */
  static async deploy(harbour: Harbour, image: string): Promise<Wide> {
    const wide = new Wide(harbour, image);
    await harbour.rollOut(wide.#spec());
    return wide;
  }

  async scaleTo(replicas: number): Promise<void> {
    this.#replicas = replicas;
    const { revision } = await this.#harbour.orchestrator.services.scale(this.#harbour.id(this.name), replicas);
    await this.#untilServing(revision);
  }

  async updateTo(image: string): Promise<void> {
    this.#image = image;
    const { revision } = await this.#harbour.deploy(this.#spec());
    await this.#untilServing(revision);
  }

  async remove(): Promise<void> {
    const id = this.#harbour.id(this.name);
    await this.#harbour.orchestrator.services.remove(id);
    await until('it is gone', () => this.#harbour.store.read.service(id) === null);
  }

  #spec(): ReturnType<Harbour['spec']> {
    return this.#harbour.spec(this.name, this.#image, {
      mode: { kind: 'replicated', replicas: this.#replicas },
      update: { parallelism, monitorMs: 0 },
    });
  }

  /** Until its rollout has succeeded: all replicas are of it, were checked and take all requests. */
  async #untilServing(revision: number): Promise<void> {
    const { store } = this.#harbour;
    const id = this.#harbour.id(this.name);
    await until(`revision ${revision} serves`, () => {
      const service = store.read.service(id);
      return service?.rolloutId === null && service.servingRevision === revision;
    });
    const healthy = this.#harbour.view(this.name).replicas.filter(({ state }) => state === 'healthy');
    assert(healthy.length >= this.#replicas, `${healthy.length} of ${this.#replicas} serve`);
  }
}
