/** A service under constant load, of which every request is counted: for what must not lose one. */
import { get } from 'node:http';
import { expect } from 'vitest';
import type { ServiceId } from '#shared/model/service-ids.ts';
import type { ServiceSpec, ServiceSpecInput } from '#shared/model/service-spec.ts';
import { systemClock } from '../platform/clock.ts';
import { LoadClient, type LoadCounts } from './drive/load-client.ts';
import type { Harbour } from './harbour.fixture.ts';

const requestsPerSecond = 120;
/** Requests that are sent before and after what is done under load. */
const requestsAround = 60;

let count = 0;

/** One of a test's own, so that tests of a file can run at the same time. */
export class LoadedService {
  readonly harbour: Harbour;
  readonly name: string;
  #client: LoadClient | null = null;

  private constructor(harbour: Harbour) {
    count += 1;
    this.harbour = harbour;
    this.name = `web-${count}`;
  }

  /** What `act` does with one, which is gone afterwards. */
  static async during(harbour: Harbour, act: (web: LoadedService) => Promise<void>): Promise<void> {
    const web = new LoadedService(harbour);
    try {
      await act(web);
    } finally {
      web.#client?.dispose();
      await harbour.orchestrator.services.remove(web.id);
      await harbour.until(`${web.name} is gone`, () => harbour.store.read.service(web.id) === null);
    }
  }

  get id(): ServiceId {
    return this.harbour.id(this.name);
  }

  get url(): string {
    return this.harbour.url(this.name);
  }

  /** Two replicas on top of the harbour's defaults. */
  spec(image: string, rest: Partial<ServiceSpecInput> = {}): ServiceSpec {
    return this.harbour.spec(this.name, image, { mode: { kind: 'replicated', replicas: 2 }, ...rest });
  }

  /** Rolls out and expects `answer` then. */
  async reach(spec: ServiceSpec, answer: string, urlOf = () => this.url): Promise<void> {
    const { stage, decisions } = await this.harbour.rollOut(spec);
    expect(stage, JSON.stringify(decisions)).toMatchObject({ outcome: 'succeeded' });
    await this.#expectAnswer(answer, urlOf());
  }

  /** Goes back to revision 1 and expects `answer` then. */
  async goBack(answer: string, urlOf = () => this.url): Promise<void> {
    await this.harbour.orchestrator.services.rollBack(this.id, 1);
    expect((await this.harbour.settled(this.id)).stage).toMatchObject({ outcome: 'succeeded' });
    await this.#expectAnswer(answer, urlOf());
  }

  /** Resolves when the load is there. */
  async beginLoad(url = this.url): Promise<void> {
    this.#client = new LoadClient({ url, requestsPerSecond, forMs: 600_000, clock: systemClock });
    await this.#untilSent(requestsAround);
  }

  /** Ends it after some requests more, and expects that none has failed. */
  async expectNoLoss(): Promise<void> {
    expect(await this.endLoad()).toMatchObject({ failed: 0, failures: [] });
  }

  /** What was counted from `beginLoad` until some requests after now. */
  async endLoad(): Promise<LoadCounts> {
    const client = this.#loading();
    await this.#untilSent(client.counts().sent + requestsAround);
    const over = new Promise<LoadCounts>((resolve) => client.onDidEnd(resolve));
    client.dispose();
    const counts = await over;
    expect(counts.sent).toBeGreaterThan(100);
    return counts;
  }

  async #expectAnswer(text: string, url: string): Promise<void> {
    expect(await ask(url)).toEqual([200, text]);
  }

  async #untilSent(requests: number): Promise<void> {
    await this.harbour.until(`${requests} requests were sent`, () => this.#loading().counts().sent >= requests);
  }

  #loading(): LoadClient {
    if (this.#client === null) throw new Error('there is no load');
    return this.#client;
  }
}

/** Over a connection of its own: one that is kept may end what it began with. Status 0 without an answer. */
export function ask(url: string): Promise<[status: number, text: string]> {
  return new Promise((resolve) => {
    const asked = get(url, { agent: false }, async (response) => {
      let text = '';
      for await (const part of response) text += String(part);
      resolve([response.statusCode ?? 0, text]);
    });
    asked.once('error', () => resolve([0, '']));
  });
}
