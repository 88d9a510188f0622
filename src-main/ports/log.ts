/** Structured logging: one JSON object a line. Never receives secrets or prompts. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** A log whose lines all carry `fields`, such as the component or the lane. */
  child(fields: Record<string, unknown>): Log;
}
