import { Button } from '../../ui/button/Button.tsx';
import { classNames } from '../../ui/class-names.ts';
import { Card } from '../../ui/data/Card.tsx';
import { Icon } from '../../ui/icon/Icon.tsx';
import { Mark } from '../../ui/icon/Mark.tsx';
import { Menu, type MenuEntry } from '../../ui/overlay/Menu.tsx';
import type { DrillRow } from './drill-rows.ts';
import { type ClusterDeeds, drillDeed, drillIcon } from './use-cluster-actions.ts';

/** Experiments on the live cluster: one at a time, each ends by itself. */
export function Drills({ rows, deeds }: { rows: readonly DrillRow[]; deeds: ClusterDeeds }) {
  return (
    <Card title="Drills" note="one at a time; each ends by itself" className="drills">
      <ul>
        {rows.map((row) => (
          <li key={row.kind} className={classNames('drill', row.running && 'drill--on')}>
            {row.running ? <Mark shape="running" label="Running" small /> : <Icon name={drillIcon[row.kind]} small />}
            <div className="grow">
              <div className="strong">{row.title}</div>
              <div className="secondary truncate" title={row.detail}>
                {row.detail}
              </div>
            </div>
            <span className="drill__last tertiary">{row.last}</span>
            <DrillButton row={row} deeds={deeds} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function DrillButton({ row, deeds }: { row: DrillRow; deeds: ClusterDeeds }) {
  if (row.running) {
    return (
      <Button size="small" variant="primary" onClick={deeds.endDrill}>
        {row.verb}
      </Button>
    );
  }
  if (row.refusal !== null) {
    return (
      <Button size="small" disabledReason={`Not now: ${row.refusal}.`}>
        {row.verb}
      </Button>
    );
  }
  return <Menu align="end" entries={drillMenu(row, deeds)} trigger={<Button size="small">{row.verb}</Button>} />;
}

/** The nodes on which a drill can be run, as lines of a menu. */
export function drillMenu(row: DrillRow, deeds: ClusterDeeds): MenuEntry[] {
  return row.choices.map(({ nodeId, refusal }) => ({
    kind: 'item',
    id: nodeId,
    label: drillDeed(row.kind, nodeId),
    icon: drillIcon[row.kind],
    disabledReason: refusal,
    run: () => deeds.drill(row.kind, nodeId),
  }));
}
