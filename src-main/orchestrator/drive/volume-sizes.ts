import type { HostId } from '#shared/model/service-ids.ts';
import type { ServiceWorld } from './service-world.ts';
import type { ObservedHost } from './host-fleet.ts';

/** An engine measures by walking through all files: not more often than this. */
const keptMs = 60_000;

interface Measurement {
  sizes: ReadonlyMap<string, number>;
  /** Of the newest try. */
  beganAtMs: number;
  isUnderWay: boolean;
}

/**
 * How large volumes are, as their engines measured it last. Nobody waits for a measurement: whoever
 * asks gets what is known, and is told when more is.
 */
export class VolumeSizes {
  readonly #world: ServiceWorld;
  readonly #onChange: () => void;
  readonly #measured = new Map<HostId, Measurement>();

  constructor(world: ServiceWorld, onChange: () => void) {
    this.#world = world;
    this.#onChange = onChange;
  }

  /** In bytes; null where it is not known. Asks for a newer measurement when it is time. */
  of(host: ObservedHost, engineName: string): number | null {
    this.#measure(host);
    return this.#measured.get(host.id)?.sizes.get(engineName) ?? null;
  }

  #measure(host: ObservedHost): void {
    const { clock, log } = this.#world;
    const nowMs = clock.monotonicMs();
    const before = this.#measured.get(host.id);
    const isDue = before === undefined || (!before.isUnderWay && nowMs - before.beganAtMs >= keptMs);
    if (!host.isReady || !isDue) return;
    const measurement: Measurement = { sizes: before?.sizes ?? new Map(), beganAtMs: nowMs, isUnderWay: true };
    this.#measured.set(host.id, measurement);
    void host.engine.diskUse().then((measured) => {
      measurement.isUnderWay = false;
      if (!measured.ok) {
        log.debug('volumes could not be measured', { host: host.id, detail: measured.error.detail });
        return;
      }
      measurement.sizes = measured.value.volumeSizes;
      this.#onChange();
    });
  }
}
