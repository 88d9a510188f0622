import type { ServiceView } from '#shared/contract/service-views.ts';
import { count, size } from '../../../app/text.ts';
import { cores, known, perSecond } from '../service-words.ts';
import { Trend } from './Trend.tsx';

/** Requests, latency, processor and memory of a service, now and over the last minutes. */
export function ServiceStats({ service }: { service: ServiceView }) {
  const { traffic, cpuCores, memoryBytes, history } = service;
  const p99Ms = traffic?.p99Ms ?? null;
  return (
    <dl className="stats">
      <Stat name="Requests" text={known(traffic, ({ requestsPerSecond }) => perSecond(requestsPerSecond))}>
        <Trend values={history.requests} />
      </Stat>
      <Stat name="p99" text={known(p99Ms, (ms) => `${count(ms)} ms`)}>
        <Trend values={history.p99Ms} />
      </Stat>
      <Stat name="CPU" text={known(cpuCores, cores)}>
        <Trend values={history.cpuCores} />
      </Stat>
      <Stat name="Memory" text={known(memoryBytes, size)}>
        <Trend values={history.memoryBytes} />
      </Stat>
    </dl>
  );
}

function Stat({ name, text, children }: { name: string; text: string; children: React.ReactNode }) {
  return (
    <div className="stat">
      <dt>{name}</dt>
      <dd>
        <b>{text}</b>
        {children}
      </dd>
    </div>
  );
}
