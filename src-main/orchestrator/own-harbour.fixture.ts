/** A harbour on an engine of its own, which may end, hang or be full, and a client on that engine's network. */
import { OwnEngine, type OwnEngineOptions } from '../docker/own-engine.fixture.ts';
import { systemClock } from '../platform/clock.ts';
import type { Clock } from '../ports/clock.ts';
import type { ProjectCode } from '../ports/project-code.ts';
import { Harbour, noCode } from './harbour.fixture.ts';
import { NearClient } from './near-client.fixture.ts';

/** How one is set up. */
export interface OwnHarbourOptions extends OwnEngineOptions {
  readonly code?: ProjectCode;
  /** What the way to the engine goes by. */
  readonly engineClock?: Clock;
}

/** Open it in `beforeAll`, `dispose` it in `afterAll`. Ask `requireOwnEngine` before. */
export class OwnHarbour {
  readonly own: OwnEngine;
  readonly harbour: Harbour;
  readonly client: NearClient;

  private constructor(own: OwnEngine, harbour: Harbour) {
    this.own = own;
    this.harbour = harbour;
    this.client = NearClient.on(own);
  }

  static async open(options: OwnHarbourOptions = {}): Promise<OwnHarbour> {
    const { code = noCode, engineClock = systemClock, ...rest } = options;
    const own = await OwnEngine.start(rest);
    try {
      return new OwnHarbour(own, await Harbour.open(code, own.endpoint, engineClock));
    } catch (error) {
      await own.dispose();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.client.dispose();
    try {
      await this.harbour.dispose();
    } finally {
      await this.own.dispose();
    }
  }
}
