/** A project's gates as a person writes them: one command a line. */
import type { GateSpec } from '#shared/model/gate.ts';

const nameCharsMax = 80;
const timeoutMsDefault = 600_000;

/** The commands, a line each. */
export function gateText(gates: readonly GateSpec[]): string {
  return gates.map((gate) => gate.command).join('\n');
}

/** The gates that the lines say. A command that was there keeps its name and its time limit. */
export function gatesOf(text: string, before: readonly GateSpec[]): GateSpec[] {
  const commands = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return [...new Set(commands)].map(
    (command) =>
      before.find((gate) => gate.command === command) ?? {
        name: command.slice(0, nameCharsMax),
        command,
        timeoutMs: timeoutMsDefault,
      },
  );
}
