import type { ServiceSpec } from '#shared/model/service-spec.ts';

/** How a spec will roll out, in words: "rolling, one at a time, start first". From nothing it is simply started. */
export function describeStrategy(spec: ServiceSpec, before: ServiceSpec | null): string {
  if (before === null) return 'first start';
  const { update } = spec;
  switch (update.strategy) {
    case 'rolling': {
      const { parallelism } = update;
      const pace = parallelism === 0 ? 'all at once' : parallelism === 1 ? 'one at a time' : `${parallelism} at a time`;
      return `rolling, ${pace}, ${update.order === 'start-first' ? 'start first' : 'stop first'}`;
    }
    case 'blue-green':
      return 'blue-green, all traffic in one switch';
    case 'canary':
      return `canary, ${update.canarySteps.map((step) => `${step.weightPercent} %`).join(', ')}, then all`;
  }
}
