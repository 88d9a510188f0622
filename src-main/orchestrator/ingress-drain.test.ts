// Requests through a stack's ingress are waited for like those at the service's own address.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireDocker } from '../docker/docker.fixture.ts';
import { Harbour } from './harbour.fixture.ts';

const problem = await requireDocker();

describe.skipIf(problem !== null)('a request at a route', { timeout: 120_000 }, () => {
  let harbour: Harbour;
  let one: string;
  let two: string;

  beforeAll(async () => {
    harbour = await Harbour.open();
    one = await harbour.docker.webImage('one');
    two = await harbour.docker.webImage('two');
  }, 60_000);
  afterAll(() => harbour.dispose(), 60_000);

  const specOf = (image: string) => harbour.spec('web', image, { routes: [{ containerPort: 8_080 }] });
  const url = (path: string): string => new URL(path, harbour.view('web').routes[0]?.url ?? '').href;

  function ask(path: string, method = 'GET'): Promise<[status: number, text: string]> {
    return new Promise((resolve) => {
      const asked = request(url(path), { agent: false, method }, async (response) => {
        let text = '';
        for await (const part of response) text += String(part);
        resolve([response.statusCode ?? 0, text]);
      });
      asked.once('error', (error) => resolve([0, error.message]));
      asked.end();
    });
  }

  it('has its answer although its replica was replaced meanwhile', async () => {
    await harbour.rollOut(specOf(one));
    await harbour.until('its route answers', async () => {
      const route = harbour.view('web').routes[0]?.url;
      return route != null && (await ask('/'))[1] === 'one';
    });
    // One that may not be repeated.
    const slow = ask('/cgi-bin/slow?4', 'POST');
    expect((await harbour.rollOut(specOf(two))).stage).toMatchObject({ outcome: 'succeeded' });
    expect(await slow).toEqual([200, 'slow']);
    await harbour.until('the old one is gone', () => harbour.view('web').replicas.length === 1);
    expect(await ask('/')).toEqual([200, 'two']);
  });

  it('is measured as the service’s', async () => {
    const measured = (): number => harbour.view('web').traffic?.requestsPerSecond ?? 0;
    await harbour.until('requests are seen', async () => {
      await ask('/');
      return measured() > 0;
    });
  });
});
