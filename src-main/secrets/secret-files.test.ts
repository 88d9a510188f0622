import { expect, it } from 'vitest';
import { fail, ok } from '#shared/base/result.ts';
import type { ProjectId } from '#shared/model/ids.ts';
import { mainStack, type ServiceId } from '#shared/model/service-ids.ts';
import type { ContainerEngine } from '../ports/engine.ts';
import type { SecretFiles } from '../ports/secrets.ts';
import { secretFilesOnTmpfs } from './secret-files.ts';

/** An engine that has nothing yet and writes down what it is asked to make. */
function emptyEngine(made: string[]): ContainerEngine {
  const engine: Partial<ContainerEngine> = {
    listContainers: async () => ok([]),
    ensureVolume: async ({ name }) => {
      made.push(name);
      return fail({ reason: 'refused', message: 'That is all there is to see.', detail: '' });
    },
  };
  return engine as ContainerEngine;
}

it('fills a set on each engine that needs it, also when they are asked for at once, and once on each', async () => {
  const files = secretFilesOnTmpfs();
  const made = { a: [] as string[], b: [] as string[] };
  const engines = { a: emptyEngine(made.a), b: emptyEngine(made.b) };
  const set = (engine: ContainerEngine): Parameters<SecretFiles['ensure']>[0] => ({
    engine,
    instance: 'i',
    projectId: 'p' as ProjectId,
    stack: mainStack,
    serviceId: 's' as ServiceId,
    key: 'k',
    files: [],
    keeperImage: 'tools',
  });
  await Promise.all([files.ensure(set(engines.a)), files.ensure(set(engines.b)), files.ensure(set(engines.a))]);
  expect(made.a).toHaveLength(1);
  expect(made.b).toHaveLength(1);
});

it('makes a keeper anew that cannot be started any more, as after its engine was killed', async () => {
  const asked: string[] = [];
  const left = { id: 'left', state: 'created', labels: {} };
  const refused = { reason: 'refused' as const, message: 'task left: already exists', detail: '' };
  const engine: Partial<ContainerEngine> = {
    listContainers: async () => ok([left as never]),
    ensureVolume: async () => ok({} as never),
    startContainer: async (id) => {
      asked.push(`start ${id}`);
      return id === 'left' ? fail(refused) : ok(null);
    },
    removeContainer: async (id) => {
      asked.push(`remove ${id}`);
      return ok(null);
    },
    createContainer: async () => {
      asked.push('create');
      return ok({ id: 'new' });
    },
    run: async () => ok({ exitCode: 0, output: '' }),
  };
  const ensured = await secretFilesOnTmpfs().ensure({
    engine: engine as ContainerEngine,
    instance: 'i',
    projectId: 'p' as ProjectId,
    stack: mainStack,
    serviceId: 's' as ServiceId,
    key: 'k',
    files: [],
    keeperImage: 'tools',
  });
  expect(ensured).toMatchObject({ ok: true });
  expect(asked).toEqual(['start left', 'remove left', 'create', 'start new']);
});
