import type { ClusterView, NodeView } from '#shared/model/cluster.ts';
import { count, counted } from '../../app/text.ts';
import { Card } from '../../ui/data/Card.tsx';
import { type Column, DataTable } from '../../ui/data/DataTable.tsx';
import { SeriesKey } from '../../ui/data/SeriesKey.tsx';
import { Caution } from '../../ui/label/Caution.tsx';
import { roleWord } from './node-state.ts';
import { logSize } from './log-size.ts';

/** Who belongs to the cluster, who votes, and whether their states agree. */
export function Membership({ cluster }: { cluster: ClusterView }) {
  const learners = cluster.nodes.filter((node) => node.role === 'learner').length;
  const note = `${counted(cluster.voters, 'voter')}${learners > 0 ? `, ${counted(learners, 'learner')}` : ''}`;
  return (
    <Card title="Membership" note={`${note}; equal hashes at one index mean equal states`} className="members">
      <div className="members__scroll">
        <DataTable
          label="Members of the cluster"
          columns={columnsOf(cluster)}
          rows={cluster.nodes}
          keyOf={(node) => node.id}
        />
      </div>
    </Card>
  );
}

function columnsOf(cluster: ClusterView): Column<NodeView>[] {
  return [
    {
      id: 'node',
      head: 'Node',
      cell: (node) => <SeriesKey order={cluster.nodes.indexOf(node)}>{node.id}</SeriesKey>,
    },
    { id: 'role', head: 'Role', cell: (node) => (node.id === cluster.leaderId ? 'Leader' : roleWord(node)) },
    { id: 'address', head: 'Address', cell: (node) => <code>{node.address}</code> },
    { id: 'votes', head: 'Votes', cell: votes },
    { id: 'log', head: 'Log', numeric: true, cell: (node) => logSize(node.logBytes) },
    {
      id: 'snapshot',
      head: 'Snapshot',
      numeric: true,
      cell: (node) => (node.snapshotIndex === 0 ? 'none' : `at ${count(node.snapshotIndex)}`),
    },
    { id: 'hash', head: 'State hash', cell: (node) => hash(node) },
  ];
}

function votes(node: NodeView) {
  if (!node.votes) return 'no';
  if (node.condition.state === 'running') return 'yes';
  return <Caution>yes, {node.condition.state === 'cut-off' ? 'cut off' : node.condition.state}</Caution>;
}

function hash(node: NodeView) {
  if (node.stateHash === null) return <span className="tertiary">none yet</span>;
  const fresh = node.condition.state === 'running';
  return (
    <code className={fresh ? undefined : 'tertiary'} title={node.stateHash.hash}>
      {node.stateHash.hash.slice(0, 4)} at {count(node.stateHash.index)}
    </code>
  );
}
