/** The program's log: JSON lines in `<folder>/gantry.log`, bounded, readable by any log tool. */
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import type { Disposable } from '#shared/base/disposable.ts';
import type { Log } from '../ports/log.ts';
import { RotatingFile } from './rotating-file.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly folder: string;
  /** The least important level that is written. */
  readonly level: LogLevel;
  /** Receives one short line for each warning and error, such as standard error; null for none. */
  readonly echo?: ((line: string) => void) | null;
  /** When a file is full, default 5 MiB; four are kept in all. */
  readonly sizeBytesMax?: number;
}

const defaultSizeBytesMax = 5 * 1_024 * 1_024;
const generationsKept = 3;

/**
 * Opens the log. Lines carry `at` (ISO 8601), `level`, `message` and whatever fields they are
 * given; by convention `component`, `lane`, `task`, `node` and `correlationId`. Values under
 * `error` are written with name, message and stack. A line that cannot be written (a full
 * disk) is dropped and told to `echo` once: logging never stops the program.
 */
export function openLog(options: LogOptions): Log & Disposable {
  const echo = options.echo ?? null;
  const file = new RotatingFile({
    path: join(options.folder, 'gantry.log'),
    sizeBytesMax: options.sizeBytesMax ?? defaultSizeBytesMax,
    generationsKept,
  });
  let failing = false;
  const destination = {
    write(line: string): void {
      try {
        file.append(line);
        failing = false;
      } catch (error) {
        if (!failing)
          echo?.(`error  log: lines are dropped, ${error instanceof Error ? error.message : String(error)}\n`);
        failing = true;
      }
    },
  };
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
    },
    destination,
  );
  return Object.assign(logOf(logger, {}, echo), { dispose: () => file.dispose() });
}

type Fields = Record<string, unknown>;

function logOf(logger: Logger, inherited: Fields, echo: ((line: string) => void) | null): Log {
  const write = (level: LogLevel, message: string, fields: Fields): void => {
    // Joined here, not by the logger, which would write a field that a parent has too twice.
    const all = { ...inherited, ...fields };
    logger[level](all, message);
    if (echo && (level === 'warn' || level === 'error')) echo(echoLine(level, message, all));
  };
  return {
    debug: (message, fields = {}) => write('debug', message, fields),
    info: (message, fields = {}) => write('info', message, fields),
    warn: (message, fields = {}) => write('warn', message, fields),
    error: (message, fields = {}) => write('error', message, fields),
    child: (fields) => logOf(logger, { ...inherited, ...fields }, echo),
  };
}

/** `warn   git: a lock file was in the way (lane-7)`: for people, so only what tells where. */
function echoLine(level: LogLevel, message: string, fields: Fields): string {
  const component = typeof fields['component'] === 'string' ? `${fields['component']}: ` : '';
  const cause = fields['error'] instanceof Error ? ` (${fields['error'].message})` : '';
  return `${level.padEnd(6)} ${component}${message}${cause}\n`;
}
