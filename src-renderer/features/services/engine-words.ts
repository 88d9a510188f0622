import type { ServiceHostView } from '#shared/contract/service-views.ts';

type EngineOfHost = Pick<ServiceHostView, 'name' | 'engine'>;

/** What is the matter with the engine of a host, in one sentence that names the host. */
export function engineTrouble({ name, engine }: EngineOfHost): string {
  switch (engine.state) {
    case 'missing':
      return `No container engine was found on ${name}.`;
    case 'unreachable':
      return `The engine of ${name} does not answer.`;
    case 'too-old':
      return `The engine of ${name} is too old.`;
    case 'connecting':
    case 'ready':
      return `The engine of ${name} is being looked for.`;
  }
}

/** What to do about it. Of an engine that was set up it tells the cause as well; empty where there is nothing to do. */
export function engineAdvice({ engine }: Pick<ServiceHostView, 'engine'>): string {
  return 'advice' in engine ? engine.advice : '';
}

/**
 * All that is to be said of engines where nothing else is shown: a sentence each, with its host where there are
 * several. The advice on an engine that was set up is its cause too, and stands alone.
 */
export function enginesExplained(hosts: readonly EngineOfHost[]): string[] {
  return hosts.map((host) => {
    const { name, engine } = host;
    if (engine.state !== 'unreachable' && engine.state !== 'too-old')
      return `${engineTrouble(host)} ${engineAdvice(host)}`.trim();
    return hosts.length === 1 ? engine.advice : `${name}: ${engine.advice}`;
  });
}
