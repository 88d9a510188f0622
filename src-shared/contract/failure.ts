/** How a failure crosses the contract: by name, with a message for the person, without a stack. */
import type { z } from 'zod';
import { type contractErrorSchema, GantryError } from './error.ts';

/** An error as it travels. */
export type ContractError = z.infer<typeof contractErrorSchema>;

/** What the contract's machinery writes to the host's log. Any structured logger does. */
export interface ContractLog {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/**
 * The travelling form of whatever was thrown. What is not a `GantryError` is a mistake of ours:
 * it is logged with its stack, and the person gets only the id to find it by.
 */
export function toContractError(
  thrown: unknown,
  request: { readonly name: string; readonly correlationId: string },
  log: ContractLog,
): ContractError {
  if (thrown instanceof GantryError) {
    const correlationId = thrown.correlationId === '' ? request.correlationId : thrown.correlationId;
    log.info('request refused', { request: request.name, correlationId, code: thrown.code, reason: thrown.message });
    return {
      code: thrown.code,
      message: thrown.message,
      ...(thrown.data === undefined ? {} : { data: thrown.data }),
      retryable: thrown.retryable,
      correlationId,
    };
  }
  const { correlationId } = request;
  const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  log.error('request failed unexpectedly', { request: request.name, correlationId, detail });
  return {
    code: 'internal',
    message: `Gantry could not do this because of a fault of its own. Nothing more is known to have changed. The log has the details under ${correlationId}.`,
    retryable: false,
    correlationId,
  };
}

/** The error again, on the side that it travelled to. */
export function fromContractError(error: ContractError): GantryError {
  const { code, message, data, retryable, correlationId } = error;
  return new GantryError(code, message, { data, retryable, correlationId });
}
