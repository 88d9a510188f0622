/** What one seed's world of services is like. */
import { type ServiceSpec, serviceSpecSchema } from '#shared/model/service-spec.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { type ConnectionFaults, noFaults } from './connection-faults.ts';
import type { Fate } from './fate.ts';

export interface ServiceOptions {
  readonly hosts: number;
  /** How long things go wrong and people deploy. */
  readonly faultPhaseMs: number;
  /** Mean times between faults of each kind, and between what people do. */
  readonly betweenKillsMs: number;
  readonly betweenFaultsMs: number;
  readonly betweenDeedsMs: number;
  /** Chance that the app is killed right before or after a step that changes something. */
  readonly crash: number;
  readonly connection: Readonly<ConnectionFaults>;
  readonly noLeader: number;
  /** Chance that an image is any good. */
  readonly goodness: number;
  readonly services: readonly ServiceShape[];
}

/** What stays the same over the revisions of one service. */
export interface ServiceShape {
  readonly name: string;
  readonly kind: 'web' | 'worker' | 'database' | 'global';
  readonly probe: 'http' | 'exec' | 'none';
  readonly replicasMax: number;
  readonly intervalMs: number;
  readonly hasSecret: boolean;
}

/** The one secret of the simulated project. */
export const simulatedSecret = 'token';

const names = ['api', 'web', 'jobs'] as const;

/** Draws a world. */
export function drawServiceOptions(random: SeededRandom): ServiceOptions {
  const isCalm = random.chance(0.25);
  const services = names.slice(0, random.between(1, 2)).map((name): ServiceShape => {
    const kind = random.pick(['web', 'web', 'web', 'web', 'worker', 'database', 'global'] as const);
    return {
      name,
      kind,
      probe:
        kind === 'worker'
          ? random.pick(['exec', 'none'] as const)
          : random.pick(['http', 'http', 'http', 'exec', 'none'] as const),
      replicasMax: kind === 'database' ? 1 : random.between(1, 5),
      intervalMs: random.between(150, 900),
      hasSecret: random.chance(0.25),
    };
  });
  const drawn = {
    faultPhaseMs: random.between(30_000, 120_000),
    betweenKillsMs: isCalm ? 1e9 : random.between(3_000, 60_000),
    betweenFaultsMs: isCalm ? 1e9 : random.between(2_000, 40_000),
    betweenDeedsMs: random.between(3_000, 20_000),
    crash: isCalm ? 0 : random.pick([0, 0.002, 0.02]),
    connection: isCalm
      ? noFaults()
      : {
          refusal: random.pick([0, 0.02, 0.1]),
          lostAnswer: random.pick([0, 0.01, 0.05]),
          hang: random.pick([0, 0.01, 0.03]),
          eventLoss: random.pick([0, 0.05, 0.4]),
        },
    noLeader: isCalm ? 0 : random.pick([0, 0.03, 0.1]),
    goodness: random.pick([0.4, 0.7, 0.9]),
    services,
  };
  // What is reached by requests is on the host of its stack; how that moves is not simulated.
  return { ...drawn, hosts: services.every(({ kind }) => kind === 'worker') ? random.between(1, 3) : 1 };
}

/** A spec of a service as somebody might write it next. */
export function drawSpec(random: SeededRandom, shape: ServiceShape, reference: string): ServiceSpec {
  const { name, kind, probe, replicasMax, intervalMs, hasSecret } = shape;
  const port = 8_080;
  const policy = () => {
    const healthDeadlineMs = random.between(8_000, 20_000);
    return {
      strategy: random.pick(['rolling', 'rolling', 'blue-green', 'canary'] as const),
      parallelism: random.between(0, 3),
      delayMs: random.chance(0.2) ? random.between(500, 4_000) : 0,
      order: random.chance(0.8) ? ('start-first' as const) : ('stop-first' as const),
      monitorMs: random.pick([0, 500, 3_000]),
      failureRatioMax: random.chance(0.7) ? 0 : random.fraction(),
      healthDeadlineMs,
      progressDeadlineMs: healthDeadlineMs + random.between(5_000, 30_000),
      onFailure: random.chance(0.85) ? ('rollback' as const) : ('pause' as const),
      canarySteps: [
        { weightPercent: random.between(5, 40), holdMs: random.chance(0.9) ? random.between(500, 5_000) : null },
        { weightPercent: random.between(41, 90), holdMs: random.between(500, 5_000) },
      ],
      limits: {
        errorPercentMax: random.chance(0.5) ? 5 : null,
        p99MsMax: null,
        restartsMax: random.chance(0.5) ? 0 : null,
      },
      drainMs: random.between(1_000, 8_000),
      keepPreviousMs: random.pick([0, 5_000, 20_000]),
    };
  };
  return serviceSpecSchema.parse({
    name,
    image: { kind: 'image', reference },
    mode:
      kind === 'global'
        ? { kind: 'global' }
        : {
            kind: 'replicated',
            replicas: kind === 'database' ? 1 : random.between(random.chance(0.05) ? 0 : 1, replicasMax),
          },
    env: random.chance(0.5) ? { BUILD: random.id(4) } : {},
    ports: kind === 'worker' ? [] : [{ containerPort: port }],
    mounts: kind === 'database' ? [{ kind: 'volume', volume: 'data', target: '/data' }] : [],
    secrets: hasSecret ? [{ secret: simulatedSecret }] : [],
    health:
      probe === 'none'
        ? null
        : {
            probe: probe === 'http' ? { kind: 'http', port } : { kind: 'exec', command: ['check'] },
            intervalMs,
            timeoutMs: intervalMs,
            retries: random.between(1, 3),
            startPeriodMs: probe === 'exec' ? 8_000 : 0,
          },
    restart: { delayMs: 200, delayMsMax: 2_000 },
    stopGraceMs: 1_000,
    update: policy(),
    rollback: policy(),
  });
}

/** An image as somebody might build it next. */
export function drawFate(random: SeededRandom, goodness: number): Fate {
  if (random.chance(goodness)) return random.chance(0.9) ? 'good' : 'slow';
  return random.pick(['exits', 'deaf', 'frail', 'unmakeable', 'missing'] as const);
}
