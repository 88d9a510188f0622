import { type ReactNode, useId } from 'react';
import type { Machine } from '#shared/contract/contract.ts';
import type { AgentInfo } from '#shared/model/agent.ts';
import { useMachine } from '../../app/machine.ts';
import { age, duration, size } from '../../app/text.ts';
import { useTimeText } from '../../client/host-clock.ts';
import { useCluster } from '../../client/host-streams.ts';
import { Button } from '../../ui/button/Button.tsx';
import { IconButton } from '../../ui/button/IconButton.tsx';
import { Mark, type MarkShape } from '../../ui/icon/Mark.tsx';
import { showToast } from '../../ui/overlay/toast-queue.ts';
import { Bones } from '../../ui/state/Bones.tsx';
import '../../ui/data/card.css';
import { machineSentence } from './machine-sentence.ts';

/** What this machine has: agents, Git, the control plane. */
export function MachineCard() {
  const { machine, checking, problem, checkAgain } = useMachine();
  const headingId = useId();
  const checked = useTimeText((nowMs) => {
    if (checking) return 'Checking this machine.';
    return machine === null ? '' : `Checked on this machine ${age(nowMs - machine.checkedAtMs)} ago.`;
  });
  return (
    <section className="machine card" aria-labelledby={headingId}>
      <header className="machine__head">
        <div>
          <h2 id={headingId}>{headline(machine, problem)}</h2>
          <p className="secondary">{problem ?? checked}</p>
        </div>
        <Button
          size="small"
          icon="retry"
          onClick={checkAgain}
          disabledReason={checking ? 'It is being checked.' : null}
        >
          Check again
        </Button>
      </header>
      {machine === null && problem === null && <Bones rows={7} label="Checking this machine" />}
      {machine !== null && (
        <>
          <h3>Agents</h3>
          <ul>
            {machine.agents.map((agent) => (
              <AgentLine key={agent.ref} agent={agent} />
            ))}
          </ul>
          <h3>Control plane</h3>
          <ul>
            <GitLine git={machine.git} />
            <NodesLine freeBytes={machine.disk?.freeBytes ?? null} />
          </ul>
        </>
      )}
    </section>
  );
}

function headline(machine: Machine | null, problem: string | null): string {
  if (machine !== null) return machineSentence(machine);
  return problem === null ? 'Looking at this machine.' : 'This machine could not be checked.';
}

function AgentLine({ agent }: { agent: AgentInfo }) {
  const { found } = agent;
  switch (found.state) {
    case 'installed':
      return (
        <Have shape="done" word="Found" name={agent.name} version={agent.isDemo ? 'built in' : found.version}>
          {agent.isDemo ? 'for trying things out' : (found.note ?? found.path)}
        </Have>
      );
    case 'missing':
      return (
        <Have shape="queued" word="Not found" name={agent.name} version="not found">
          <Command text={found.installCommand} />
        </Have>
      );
    case 'broken':
      return (
        <Have shape="waiting" word="Needs attention" name={agent.name} version="does not start">
          {found.reason}
          <Command text={found.installCommand} />
        </Have>
      );
  }
}

function GitLine({ git }: { git: Machine['git'] }) {
  if (git.state === 'ready') {
    return (
      <Have shape="done" word="Found" name="Git" version={git.version}>
        worktrees and merge-tree available
      </Have>
    );
  }
  const version = git.state === 'missing' ? 'not found' : git.version;
  return (
    <Have shape="failed" word="Needs attention" name="Git" version={version}>
      {git.advice}
    </Have>
  );
}

function NodesLine({ freeBytes }: { freeBytes: number | null }) {
  const cluster = useCluster(
    (known) =>
      known && {
        leaderId: known.leaderId,
        electionMs: known.leadership.at(-1)?.electionMs ?? null,
        nodes: known.nodes.length,
      },
  );
  if (cluster === undefined) return null;
  const { leaderId, electionMs, nodes } = cluster;
  const facts = [
    leaderId === null
      ? 'no leader yet'
      : electionMs === null
        ? `${leaderId} leads`
        : `leader elected in ${duration(electionMs)}`,
    ...(freeBytes === null ? [] : [`${size(freeBytes)} free`]),
  ];
  return (
    <Have
      shape={leaderId === null ? 'waiting' : 'done'}
      word={leaderId === null ? 'Needs attention' : 'Found'}
      name={nodes === 1 ? '1 Raft node' : `${nodes} Raft nodes`}
      version="on this machine"
    >
      {facts.join(', ')}
    </Have>
  );
}

function Have({
  shape,
  word,
  name,
  version,
  children,
}: {
  shape: MarkShape;
  word: string;
  name: string;
  version: string;
  children: ReactNode;
}) {
  return (
    <li className="have">
      <Mark shape={shape} label={word} />
      <div className="grow">
        <div className="have__line">
          <span className="strong">{name}</span>
          <span className="mono tertiary">{version}</span>
        </div>
        <div className="secondary have__d">{children}</div>
      </div>
    </li>
  );
}

function Command({ text }: { text: string }) {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      showToast({ shape: 'done', text: 'Copied.' });
    } catch (error) {
      // Refused outside a secure context: the command can still be selected.
      showToast({ shape: 'failed', text: `Not copied: ${error instanceof Error ? error.message : String(error)}` });
    }
  };
  return (
    <span className="cmd">
      <code className="truncate">{text}</code>
      <IconButton icon="copy" label="Copy" onClick={() => void copy()} />
    </span>
  );
}
