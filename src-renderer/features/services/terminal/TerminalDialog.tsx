import '@xterm/xterm/css/xterm.css';
import { type FormEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { shellWords } from '#shared/base/shell-words.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import { useProjectId } from '../../../app/current-project.ts';
import { useClient } from '../../../client/ClientContext.tsx';
import { useStream, useStreamPart } from '../../../client/use-stream.ts';
import { Button } from '../../../ui/button/Button.tsx';
import { Field } from '../../../ui/field/Field.tsx';
import { Mark } from '../../../ui/icon/Mark.tsx';
import { Kbd } from '../../../ui/label/Kbd.tsx';
import { Dialog } from '../../../ui/overlay/Dialog.tsx';
import { closeServiceDialog } from '../dialogs/service-dialogs.ts';
import { TerminalSession, type TerminalState } from './terminal-session.ts';
import './terminal.css';

/** Shells to choose from; the first is whichever the image has. */
const shells = [
  { id: 'best', label: 'the best shell it has', command: null },
  { id: 'sh', label: '/bin/sh', command: ['/bin/sh'] },
  { id: 'bash', label: '/bin/bash', command: ['/bin/bash'] },
] as const;

/** A terminal in a replica. Its command ends when it is closed. */
export default function TerminalDialog({ serviceId, containerId }: { serviceId: ServiceId; containerId: string }) {
  const projectId = useProjectId();
  const input = useMemo(() => (projectId === null ? null : { projectId }), [projectId]);
  const replicas = useStreamPart(useStream('service.watch', input), (map) =>
    (map.get(serviceId)?.replicas ?? []).map(({ containerId: id, name, revision }) => ({ id, name, revision })),
  );
  const [chosen, setChosen] = useState(containerId);
  const [shell, setShell] = useState<(typeof shells)[number]['id'] | 'other'>('best');
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const [command, setCommand] = useState<readonly string[] | null>(null);
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<TerminalState>({ state: 'opening' });
  const close = useRef<HTMLButtonElement>(null);

  const name = replicas.find(({ id }) => id === chosen)?.name ?? 'a replica';
  const leave = useCallback(() => close.current?.focus(), []);
  const runTyped = (event: FormEvent): void => {
    event.preventDefault();
    const words = shellWords(typed);
    if (words === null || words.length === 0) {
      setWrong(words === null ? 'A quotation mark is not closed.' : 'Write a command, such as env.');
      return;
    }
    setWrong(null);
    setCommand(words);
    setTurn((before) => before + 1);
  };

  return (
    <Dialog open bare className="dialog--terminal" onClose={closeServiceDialog} title={`Terminal in ${name}`}>
      <div className="sterm__tools">
        <Field label="Replica">
          {(field) => (
            <select {...field} value={chosen} onChange={(event) => setChosen(event.target.value)}>
              {!replicas.some(({ id }) => id === chosen) && <option value={chosen}>a replica that is gone</option>}
              {replicas.map(({ id, name: label, revision }) => (
                <option key={id} value={id}>
                  {label}, revision {revision}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Runs">
          {(field) => (
            <select
              {...field}
              value={shell}
              onChange={(event) => {
                const next = event.target.value as typeof shell;
                setShell(next);
                const known = shells.find(({ id }) => id === next);
                if (known !== undefined) setCommand(known.command);
              }}
            >
              {shells.map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
              <option value="other">another command…</option>
            </select>
          )}
        </Field>
        {shell === 'other' && (
          <form className="sterm__command" onSubmit={runTyped}>
            <Field label="Command" error={wrong}>
              {(field) => (
                <input
                  {...field}
                  className="mono"
                  value={typed}
                  spellCheck={false}
                  autoComplete="off"
                  onChange={(event) => setTyped(event.target.value)}
                />
              )}
            </Field>
            <Button type="submit">Run</Button>
          </form>
        )}
      </div>
      <div className="sterm" role="group" aria-label="Terminal" ref={keepKeys}>
        <Screen
          key={turn}
          serviceId={serviceId}
          containerId={chosen}
          command={command}
          onState={setState}
          onLeave={leave}
        />
      </div>
      <footer className="sterm__foot">
        <Standing state={state} />
        <span className="grow" />
        {(state.state === 'ended' || state.state === 'failed') && (
          <Button icon="retry" onClick={() => setTurn((before) => before + 1)}>
            Open again
          </Button>
        )}
        <span className="tertiary">
          <Kbd shortcut="shift+escape" /> leaves the terminal
        </span>
        <Button ref={close} onClick={closeServiceDialog}>
          Close terminal
        </Button>
      </footer>
    </Dialog>
  );
}

/** Where a command is drawn. A part of its own: the dialog brings it into the page after itself. */
function Screen({
  serviceId,
  containerId,
  command,
  onState,
  onLeave,
}: {
  serviceId: ServiceId;
  containerId: string;
  command: readonly string[] | null;
  onState: (state: TerminalState) => void;
  onLeave: () => void;
}) {
  const client = useClient();
  const screen = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (screen.current === null) return;
    const session = new TerminalSession(client, screen.current, onState, onLeave);
    void session.run(serviceId, containerId, command);
    return () => session.dispose();
  }, [client, serviceId, containerId, command, onState, onLeave]);
  return <div ref={screen} className="sterm__screen" />;
}

function Standing({ state }: { state: TerminalState }) {
  switch (state.state) {
    case 'opening':
      return <span role="status">Opening…</span>;
    case 'open':
      return (
        <span role="status">
          <Mark shape="running" small /> <code>{state.command}</code> runs. It ends when this is closed.
        </span>
      );
    case 'ended':
      return (
        <span role="status">
          <Mark shape={state.exitCode === 0 ? 'done' : 'failed'} small />{' '}
          {state.exitCode === null ? 'The command ended.' : `The command ended with exit code ${state.exitCode}.`}
        </span>
      );
    case 'failed':
      return (
        <span role="alert">
          <Mark shape="failed" small /> {state.why}
        </span>
      );
  }
}

/** Keys that are pressed inside go no further: neither to the dialog nor to the panel's shortcuts. */
function keepKeys(element: HTMLDivElement | null): (() => void) | undefined {
  if (element === null) return undefined;
  const keep = (event: KeyboardEvent): void => event.stopPropagation();
  element.addEventListener('keydown', keep);
  return () => element.removeEventListener('keydown', keep);
}
