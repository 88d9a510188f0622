import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import type { Disposable } from '#shared/base/disposable.ts';
import type { ContractClient } from '#shared/contract/client.ts';
import type { ServiceId } from '#shared/model/service-ids.ts';
import { errorText } from '../../../app/use-call.ts';
import { permitStyles } from './permit-styles.ts';

/** How a terminal stands. */
export type TerminalState =
  | { readonly state: 'opening' }
  | { readonly state: 'open'; readonly command: string }
  /** Null where the engine did not say it. */
  | { readonly state: 'ended'; readonly exitCode: number | null }
  | { readonly state: 'failed'; readonly why: string };

const scrollbackLines = 10_000;
const resizePauseMs = 100;

/** One command in a replica, drawn into an element until it is disposed; the command ends with it. */
export class TerminalSession implements Disposable {
  readonly #client: ContractClient;
  readonly #tell: (state: TerminalState) => void;
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #styles = permitStyles(document);
  readonly #observer: ResizeObserver;
  readonly #schemeQuery = window.matchMedia('(prefers-color-scheme: dark)');
  readonly #themeObserver: MutationObserver;
  #execId: string | null = null;
  #output: Disposable | null = null;
  #isDisposed = false;
  #sending: Promise<unknown> = Promise.resolve();
  #resizing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    client: ContractClient,
    element: HTMLElement,
    tell: (state: TerminalState) => void,
    /** The person leaves the terminal by the keyboard: Tab and Escape are the command's own. */
    leave: () => void,
  ) {
    this.#client = client;
    this.#tell = tell;
    const style = getComputedStyle(element);
    this.#terminal = new Terminal({
      fontFamily: style.fontFamily,
      fontSize: 12,
      lineHeight: 1.25,
      scrollback: scrollbackLines,
      screenReaderMode: true,
      cursorBlink: false,
      theme: themeOf(element),
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(element);
    this.#fit.fit();
    this.#observer = new ResizeObserver(() => this.#fitSoon());
    this.#observer.observe(element);
    const repaint = (): void => {
      this.#terminal.options.theme = themeOf(element);
    };
    this.#schemeQuery.addEventListener('change', repaint);
    this.#themeObserver = new MutationObserver(repaint);
    this.#themeObserver.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    this.#terminal.attachCustomKeyEventHandler((event) => {
      if (event.type !== 'keydown' || event.key !== 'Escape' || !event.shiftKey) return true;
      event.preventDefault();
      leave();
      return false;
    });
    this.#terminal.onData((text) => this.#send(new TextEncoder().encode(text)));
    this.#terminal.onBinary((text) => this.#send(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
    this.#terminal.onResize(({ cols, rows }) => this.#resize(cols, rows));
  }

  /** Runs a command; null for the best shell there is. */
  async run(serviceId: ServiceId, containerId: string, command: readonly string[] | null): Promise<void> {
    this.#tell({ state: 'opening' });
    const { cols, rows } = this.#terminal;
    try {
      const opened = await this.#client.call('exec.open', {
        serviceId,
        containerId,
        command: command === null ? null : [...command],
        columns: cols,
        rows,
      });
      this.#execId = opened.execId;
      if (this.#isDisposed) return this.#close();
      this.#tell({ state: 'open', command: opened.command.join(' ') });
      this.#read(opened.execId);
      this.#terminal.focus();
    } catch (error) {
      this.#fail(errorText(error));
    }
  }

  focus(): void {
    this.#terminal.focus();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#output?.dispose();
    this.#close();
    clearTimeout(this.#resizing);
    this.#observer.disconnect();
    this.#themeObserver.disconnect();
    this.#terminal.dispose();
    this.#styles.dispose();
  }

  #read(execId: string): void {
    let hasEnded = false;
    const end = (state: TerminalState): void => {
      if (hasEnded || this.#isDisposed) return;
      hasEnded = true;
      this.#execId = null;
      this.#terminal.options.disableStdin = true;
      this.#tell(state);
    };
    this.#output = this.#client.read(
      'exec.output',
      { execId },
      {
        items: async (items) => {
          for (const item of items) {
            if ('exitCode' in item) end({ state: 'ended', exitCode: item.exitCode });
            // The next piece is asked for once this one is drawn.
            else await new Promise<void>((drawn) => this.#terminal.write(bytesOf(item.bytes), drawn));
          }
        },
        end: () => end({ state: 'ended', exitCode: null }),
        error: (error) => end({ state: 'failed', why: error.message }),
      },
    );
  }

  /** In the order in which it was typed. */
  #send(bytes: Uint8Array): void {
    const execId = this.#execId;
    if (execId === null) return;
    this.#sending = this.#sending
      .then(() => this.#client.call('exec.input', { execId, bytes: base64Of(bytes) }))
      .catch((error: unknown) => {
        // A command that has just ended takes nothing more, and says so by its exit code.
        if (this.#execId === execId) this.#fail(errorText(error));
      });
  }

  #fitSoon(): void {
    clearTimeout(this.#resizing);
    this.#resizing = setTimeout(() => this.#fit.fit(), resizePauseMs);
  }

  #resize(columns: number, rows: number): void {
    const execId = this.#execId;
    if (execId === null) return;
    this.#client.call('exec.resize', { execId, columns, rows }).catch((error: unknown) => {
      if (this.#execId === execId) this.#fail(errorText(error));
    });
  }

  #fail(why: string): void {
    if (!this.#isDisposed) this.#tell({ state: 'failed', why });
  }

  #close(): void {
    const execId = this.#execId;
    if (execId === null) return;
    this.#execId = null;
    // It ends by itself, too, when nobody reads its output.
    this.#client
      .call('exec.close', { execId })
      .catch((error: unknown) => console.warn('a terminal was not closed', error));
  }
}

/** The panel's colours; xterm wants them as plain values. */
function themeOf(element: HTMLElement) {
  const probe = document.createElement('span');
  element.append(probe);
  const colour = (token: string): string => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const theme = {
    background: colour('--surface-inset'),
    foreground: colour('--text-primary'),
    cursor: colour('--accent-mark'),
    cursorAccent: colour('--surface-inset'),
    selectionBackground: colour('--fill-selected'),
    black: colour('--text-tertiary'),
    red: colour('--failed-text'),
    green: colour('--done-text'),
    yellow: colour('--waiting-text'),
    blue: colour('--running-text'),
    magenta: colour('--stale-text'),
    cyan: colour('--accent-text'),
    white: colour('--text-secondary'),
  };
  probe.remove();
  return theme;
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function base64Of(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
