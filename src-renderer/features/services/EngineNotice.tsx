import type { ServiceHostView } from '#shared/contract/service-views.ts';
import { age, clockTime } from '../../app/text.ts';
import { useHostNow } from '../../client/host-clock.ts';
import { Button } from '../../ui/button/Button.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Banner } from '../../ui/state/Banner.tsx';
import { Blank } from '../../ui/state/Blank.tsx';
import { openServiceDialog } from './dialogs/service-dialogs.ts';
import { engineAdvice, enginesExplained, engineTrouble } from './engine-words.ts';

/** Engines that do not answer, while there is something of them to show. */
export function EngineNotices({ hosts }: { hosts: readonly ServiceHostView[] }) {
  const nowMs = useHostNow();
  const silent = hosts.filter(({ engine }) => engine.state !== 'ready' && engine.state !== 'connecting');
  return silent.map((host) => (
    <Banner key={host.id} tone="stale" className="services__notice" lead={<Mark shape="stale" label="Stale" />}>
      <span className="strong">{engineTrouble(host)}</span> {staleText(host, nowMs)} {engineAdvice(host)}
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
      {enginesExplained(hosts).map((text) => (
        <p key={text}>{text}</p>
      ))}
      <p>Gantry looks for it all the time: this view begins to work as soon as one answers.</p>
    </Blank>
  );
}

/** "What is shown is of 14:20:03, 3 min ago." */
function staleText({ observedAtMs, engine }: ServiceHostView, nowMs: number): string {
  const ofMs = observedAtMs ?? ('sinceMs' in engine ? engine.sinceMs : null);
  return ofMs === null ? '' : `What is shown of it is of ${clockTime(ofMs)}, ${age(nowMs - ofMs)} ago.`;
}
