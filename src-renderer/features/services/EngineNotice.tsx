import type { ServiceHostView } from '#shared/contract/service-views.ts';
import { age, clockTime } from '../../app/text.ts';
import { useHostNow } from '../../client/host-clock.ts';
import { Button } from '../../ui/button/Button.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Banner } from '../../ui/state/Banner.tsx';
import { Blank } from '../../ui/state/Blank.tsx';
import { openServiceDialog } from './dialogs/service-dialogs.ts';

/** Engines that do not answer, while there is something of them to show. */
export function EngineNotices({ hosts }: { hosts: readonly ServiceHostView[] }) {
  const nowMs = useHostNow();
  const silent = hosts.filter(({ engine }) => engine.state !== 'ready' && engine.state !== 'connecting');
  return silent.map((host) => (
    <Banner key={host.id} tone="stale" className="services__notice" lead={<Mark shape="stale" label="Stale" />}>
      <span className="strong">{engineSentence(host)}</span> {staleText(host, nowMs)} {adviceOf(host)}
    </Banner>
  ));
}

/** No engine at all, and nothing to show of one: what to do about it. It is picked up by itself. */
export function NoEngine({ hosts }: { hosts: readonly ServiceHostView[] }) {
  return (
    <Blank
      roomy
      heading="h1"
      title="Services need a container engine."
      actions={
        <Button size="small" icon="host" onClick={() => openServiceDialog({ kind: 'resources', tab: 'hosts' })}>
          Hosts
        </Button>
      }
    >
      {hosts.map((host) => (
        <p key={host.id}>
          {engineSentence(host)} {adviceOf(host)}
        </p>
      ))}
      <p>Gantry looks for it all the time: this view begins to work as soon as one answers.</p>
    </Blank>
  );
}

function engineSentence({ name, engine }: ServiceHostView): string {
  switch (engine.state) {
    case 'missing':
      return `No container engine was found on ${name}.`;
    case 'unreachable':
      return `The engine of ${name} does not answer: ${engine.detail.replace(/\.$/, '')}.`;
    case 'too-old':
      return `The engine of ${name} is too old: ${engine.version}.`;
    default:
      return `The engine of ${name} is being looked for.`;
  }
}

function adviceOf({ engine }: ServiceHostView): string {
  return 'advice' in engine ? engine.advice : '';
}

/** "What is shown is of 14:20:03, 3 min ago." */
function staleText({ observedAtMs, engine }: ServiceHostView, nowMs: number): string {
  const ofMs = observedAtMs ?? ('sinceMs' in engine ? engine.sinceMs : null);
  return ofMs === null ? '' : `What is shown of it is of ${clockTime(ofMs)}, ${age(nowMs - ofMs)} ago.`;
}
