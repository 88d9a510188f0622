import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rolloutId, ServiceFixture, serviceId, serviceSpec, stack } from '../service.fixture.ts';

let state: ServiceFixture;
beforeEach(() => {
  state = new ServiceFixture().begin('a');
});
afterEach(() => state.dispose());

const routing = (name: string, path: string | null, host: string | null = 'shop.example') =>
  serviceSpec(name, {
    ports: [{ containerPort: 80 }],
    routes: path === null ? [] : [{ host, path, containerPort: 80 }],
  });
const refused = (spec: ReturnType<typeof routing>) =>
  state.refuse<'service.deploy'>(state.deployCommand(spec), 'wrong-state');

describe('a route', () => {
  it('belongs to one service of a stack, which is named', () => {
    state.deploy(routing('web', '/api'));
    expect(refused(routing('api', '/api/'))).toContain('The route shop.example/api/ belongs to service web.');
    state.deploy(routing('web', '/api'), { stack: stack('lane-1') });
    state.deploy(routing('api', '/apis'));
    state.deploy(routing('any', '/api', null));
    state.deploy(routing('web', '/api/v2'));
  });

  it('stays taken while the revision serves or may serve again, and no longer', () => {
    state.serve(routing('web', '/api'));
    const moved = state.deploy(routing('web', null));
    refused(routing('api', '/api'));
    state.succeed(moved);
    state.serve(routing('api', '/api'));
    const back = { kind: 'service.rollBack', serviceId: serviceId('web'), toRevision: 1 } as const;
    const rest = { origin: { kind: 'person' }, rolloutId: rolloutId(99), checkpoint: null } as const;
    expect(state.refuse({ ...back, ...rest }, 'wrong-state')).toContain('belongs to service api');
  });

  it('is free while its service is being removed', () => {
    state.serve(routing('web', '/api'));
    state.accept({ kind: 'service.remove', serviceId: serviceId('web') });
    state.deploy(routing('api', '/api'));
  });
});
