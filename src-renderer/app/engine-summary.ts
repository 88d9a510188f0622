import type { ServiceHostView } from '#shared/contract/service-views.ts';
import { count, counted } from './text.ts';

/** The container engines in one line. */
export interface EngineSummary {
  readonly sentence: string;
  /** An engine that was set up does not answer. */
  readonly worried: boolean;
}

/** What the status bar says of the engines: "Docker 29.1, 21 containers on 2 hosts". Null while nothing is known. */
export function engineSummary(hosts: readonly ServiceHostView[]): EngineSummary | null {
  const ready = hosts.flatMap(({ engine, containers }) => (engine.state === 'ready' ? [{ engine, containers }] : []));
  const lost = hosts.filter(({ engine }) => engine.state === 'unreachable' || engine.state === 'too-old');
  const [first] = ready;
  if (first === undefined) {
    const [silent] = lost;
    if (silent?.engine.state === 'too-old')
      return { sentence: `Docker ${silent.engine.version} is too old`, worried: true };
    if (silent !== undefined) return { sentence: 'Docker does not answer', worried: true };
    return hosts.some(({ engine }) => engine.state === 'missing') ? { sentence: 'No Docker', worried: false } : null;
  }
  const { name, version } = first.engine;
  const containers = ready.reduce((sum, host) => sum + host.containers, 0);
  const places = hosts.length === 1 ? '' : ` on ${counted(ready.length, 'host')}`;
  const silence = lost.length === 0 ? '' : `, ${count(lost.length)} ${lost.length === 1 ? 'does' : 'do'} not answer`;
  const sentence = `${name} ${shortVersion(version)}, ${counted(containers, 'container')}${places}${silence}`;
  return { sentence, worried: lost.length > 0 };
}

/** "20.10" of "20.10.24+dfsg1". */
function shortVersion(version: string): string {
  return /^\d+\.\d+/.exec(version)?.[0] ?? version;
}
