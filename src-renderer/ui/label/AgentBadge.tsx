import './agent.css';

/** A kind of agent: its two letters, and its name where there is room. */
export function AgentBadge({ short, name }: { short: string; name?: string }) {
  return (
    <span className="agent" title={name}>
      <i>{short}</i>
      {name !== undefined && <span className="agent__name">{name}</span>}
    </span>
  );
}
