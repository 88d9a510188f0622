import type { AnyMessage, Stream } from '@agentclientprotocol/sdk';
import type { AgentProgram } from '../adapter.ts';

/**
 * A program's lines as a stream of protocol messages. Lines that are no message (some agents print
 * to standard output before they speak) go to `onStray`.
 */
export function acpStream(program: AgentProgram, onStray: (line: string) => void): Stream {
  let open = true;
  const readable = new ReadableStream<AnyMessage>({
    start(controller) {
      program.onLine('stdout', (line) => {
        const message = parseMessage(line);
        if (message === null) {
          if (line.trim() !== '') onStray(line);
        } else if (open) controller.enqueue(message);
      });
      void closeAtEnd(controller);
    },
    cancel() {
      // The connection was closed first; what the program still says concerns nobody.
      open = false;
    },
  });
  async function closeAtEnd(controller: ReadableStreamDefaultController<AnyMessage>): Promise<void> {
    await program.exited;
    if (open) controller.close();
    open = false;
  }

  const writable = new WritableStream<AnyMessage>({
    write(message) {
      program.write(`${JSON.stringify(message)}\n`);
    },
  });
  return { readable, writable };
}

function parseMessage(line: string): AnyMessage | null {
  try {
    const value: unknown = JSON.parse(line);
    const isMessage = value !== null && typeof value === 'object' && 'jsonrpc' in value;
    return isMessage ? (value as AnyMessage) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
