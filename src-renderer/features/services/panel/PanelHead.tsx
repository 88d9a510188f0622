import type { RevisionView, ServiceView } from '#shared/contract/service-views.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { IconButton } from '../../../ui/button/IconButton.tsx';
import { Mark } from '../../../ui/icon/Mark.tsx';
import { Tag } from '../../../ui/label/Tag.tsx';
import { Menu } from '../../../ui/overlay/Menu.tsx';
import { openServiceDialog } from '../dialogs/service-dialogs.ts';
import { shortDigest } from '../service-words.ts';
import { statusLook } from '../service-status.ts';
import { askServices, setServicesView } from '../services-view-state.ts';
import { type ServiceDeeds, useServiceDeeds } from '../use-service-deeds.ts';
import { moreEntries } from './more-entries.ts';
import { rollBackTarget } from './roll-back.ts';

/** What the service is, where it comes from, and what can be done with it. */
export function PanelHead({ service, revisions }: { service: ServiceView; revisions: readonly RevisionView[] }) {
  const deeds = useServiceDeeds();
  const look = statusLook(service.status);
  const replica = service.replicas.find(({ state }) => state === 'healthy' || state === 'unhealthy');
  return (
    <header className="panel__head">
      <div className="panel__title">
        <Mark shape={look.shape} />
        <h2 className="truncate">{service.name}</h2>
        <Tag {...(look.tone === null ? {} : { tone: look.tone })}>{look.word}</Tag>
        <span className="grow" />
        <IconButton
          icon="rows"
          label="Logs"
          shortcut="l"
          onClick={() => openServiceDialog({ kind: 'logs', serviceId: service.id, containerId: null })}
        />
        <IconButton
          icon="terminal"
          label="Terminal"
          shortcut="t"
          disabledReason={replica === undefined ? 'no replica runs' : null}
          onClick={() => {
            if (replica === undefined) return;
            openServiceDialog({ kind: 'terminal', serviceId: service.id, containerId: replica.containerId });
          }}
        />
        <Menu
          align="end"
          entries={moreEntries(service, deeds)}
          trigger={<IconButton icon="more" label={`More for ${service.name}`} />}
        />
        <IconButton icon="x" label="Close" shortcut="escape" onClick={() => setServicesView({ panelOpen: false })} />
      </div>
      <Origin service={service} />
      <Actions service={service} revisions={revisions} deeds={deeds} />
    </header>
  );
}

function Origin({ service }: { service: ServiceView }) {
  const { taskKey, commit, image, origin } = service;
  const parts = [
    taskKey !== null && <span key="task">from {taskKey}</span>,
    taskKey === null && origin !== null && <span key="origin">{originText(origin)}</span>,
    commit !== null && (
      <span key="commit">
        commit <code title={commit}>{commit.slice(0, 7)}</code>
      </span>
    ),
    <code key="image" title={image.digest ?? undefined}>
      {image.reference}
      {image.digest !== null && `@sha256:${shortDigest(image.digest)}`}
    </code>,
  ].filter((part) => part !== false);
  return (
    <p className="panel__meta truncate">
      {parts.map((part, index) => (
        <span key={part.key}>
          {index > 0 && <i>·</i>}
          {part}
        </span>
      ))}
    </p>
  );
}

function originText(origin: NonNullable<ServiceView['origin']>): string {
  switch (origin.kind) {
    case 'person':
      return 'deployed by you';
    case 'file':
    case 'compose':
      return `from ${origin.fileName}`;
    case 'preview':
      return 'a lane’s preview';
    case 'lane':
      return 'from a lane';
    case 'timeline':
      return 'by a rollback';
  }
}

function Actions({
  service,
  revisions,
  deeds,
}: {
  service: ServiceView;
  revisions: readonly RevisionView[];
  deeds: ServiceDeeds;
}) {
  const { rollout, can } = service;
  const back = rollBackTarget(service, revisions);
  const busy = rollout !== null;
  return (
    <div className="panel__actions">
      {busy && rollout.can.promote && (
        <Button size="small" onClick={() => deeds.promote(rollout.rollout.id)}>
          Promote now
        </Button>
      )}
      {busy && rollout.can.pause && (
        <Button size="small" icon="pause" onClick={() => deeds.pause(rollout.rollout.id)}>
          Pause
        </Button>
      )}
      {busy && rollout.can.resume && (
        <Button size="small" icon="play" onClick={() => deeds.resume(rollout.rollout.id)}>
          {rollout.rollout.paused?.because === 'failure' ? 'Try again' : 'Resume'}
        </Button>
      )}
      {!busy && can.deploy && (
        <Button size="small" icon="pencil" onClick={() => openServiceDialog({ kind: 'deploy', serviceId: service.id })}>
          Edit and deploy
        </Button>
      )}
      {!busy && service.ports.some((port) => port.protocol === 'http') && (
        <Button size="small" onClick={() => openServiceDialog({ kind: 'load', serviceId: service.id })}>
          Prove it
        </Button>
      )}
      <span className="grow" />
      {back !== null && (
        <Button
          size="small"
          variant="danger"
          icon="undo"
          onClick={() => askServices({ kind: 'roll-back', serviceId: service.id, toRevision: back })}
        >
          Roll back to {back}
        </Button>
      )}
      {back === null && busy && rollout.can.abort && (
        <Button
          size="small"
          variant="danger"
          icon="stop"
          onClick={() => askServices({ kind: 'abort', serviceId: service.id })}
        >
          End the rollout
        </Button>
      )}
    </div>
  );
}
