import type { ClusterView, NodeView } from '#shared/model/cluster.ts';
import { Button } from '../../ui/button/Button.tsx';
import { IconButton } from '../../ui/button/IconButton.tsx';
import { classNames } from '../../ui/class-names.ts';
import { SeriesKey } from '../../ui/data/SeriesKey.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Tag } from '../../ui/label/Tag.tsx';
import { Menu, type MenuEntry } from '../../ui/overlay/Menu.tsx';
import '../../ui/data/card.css';
import { choicesOf, endDrillTitle, runningDrill } from './drill-rows.ts';
import { nodeFacts, nodeState, type Remedy, roleWord } from './node-state.ts';
import { type ClusterDeeds, drillDeed, drillIcon, useClusterDeeds } from './use-cluster-actions.ts';

/** One Raft node: what it is, how it is, its figures, and what can be done with it. */
export function NodeCard({
  node,
  order,
  cluster,
  nowMs,
  old,
}: {
  node: NodeView;
  order: number;
  cluster: ClusterView;
  nowMs: number;
  /** Nothing is heard of any node. */
  old: boolean;
}) {
  const deeds = useClusterDeeds();
  const state = nodeState(node, cluster, nowMs);
  const leads = node.id === cluster.leaderId;
  const stale = state.stale || old;
  return (
    <article className={classNames('card node', stale && 'node--stale')} aria-label={node.id}>
      <header className="node__head">
        <SeriesKey order={order}>
          <b>{node.id}</b>
        </SeriesKey>
        {leads ? (
          <Tag tone="accent" icon="crown">
            Leader
          </Tag>
        ) : (
          <Tag>{roleWord(node)}</Tag>
        )}
        <Menu
          align="end"
          entries={menuOf(node, cluster, deeds)}
          trigger={<IconButton icon="more" label={`Actions of ${node.id}`} />}
        />
      </header>
      <p className="node__state">
        <Mark shape={old ? 'stale' : state.shape} label={old ? 'Stale' : state.word} small />
        <span className={stale ? 'stale-text' : undefined}>{state.text}</span>
        <span className="tertiary truncate">{state.detail}</span>
      </p>
      {state.reason !== null && (
        <p className="node__reason" title={state.reason}>
          {state.reason}
        </p>
      )}
      {state.remedy !== null && <RemedyButton remedy={state.remedy} node={node} deeds={deeds} />}
      <dl className="node__facts">
        {nodeFacts(node, cluster, nowMs).map(({ name, value, unit, over }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {over ? <span className="over">{value}</span> : value}
              {unit !== undefined && <small> {unit}</small>}
            </dd>
          </div>
        ))}
      </dl>
    </article>
  );
}

function RemedyButton({ remedy, node, deeds }: { remedy: Remedy; node: NodeView; deeds: ClusterDeeds }) {
  return (
    <p className="node__remedy">
      {remedy === 'rebuild' ? (
        <>
          <Button size="small" icon="retry" onClick={() => deeds.rebuild(node.id)}>
            Rebuild {node.id}
          </Button>
          <span className="tertiary">Copies from the others; it gets a new name.</span>
        </>
      ) : (
        <>
          <Button size="small" icon="play" onClick={() => deeds.start(node.id)}>
            Start {node.id}
          </Button>
          <span className="tertiary">Its data is kept.</span>
        </>
      )}
    </p>
  );
}

function menuOf(node: NodeView, cluster: ClusterView, deeds: ClusterDeeds): MenuEntry[] {
  const running = runningDrill(cluster);
  const { state } = node.condition;
  const entries: MenuEntry[] = [];
  if (running?.nodeId === node.id) {
    entries.push({ kind: 'item', id: 'end', label: endDrillTitle(running), icon: 'play', run: deeds.endDrill });
  } else if (state === 'stopped' || state === 'crashed') {
    entries.push({
      kind: 'item',
      id: 'start',
      label: `Start ${node.id}`,
      icon: 'play',
      run: () => deeds.start(node.id),
    });
  } else if (state === 'fenced') {
    const run = (): void => deeds.rebuild(node.id);
    entries.push({ kind: 'item', id: 'rebuild', label: 'Rebuild from the others', icon: 'retry', run });
  }
  for (const kind of ['hand-over', 'slow-disk', 'cut-off', 'stop'] as const) {
    const choice = choicesOf(cluster, kind).find((each) => each.nodeId === node.id);
    if (choice === undefined) continue;
    entries.push({
      kind: 'item',
      id: kind,
      label: drillDeed(kind, node.id),
      icon: drillIcon[kind],
      danger: kind === 'stop',
      disabledReason: choice.refusal,
      run: () => deeds.drill(kind, node.id),
    });
  }
  return entries;
}
