/** Named errors that cross the contract. */
import { z } from 'zod';

/** Every way in which Gantry refuses or fails, by name. */
export const errorCodeSchema = z.enum([
  // the request itself
  'invalid-input',
  'unknown-call',
  'version-mismatch',
  'unauthorised',
  'too-large',
  // repositories
  'not-a-folder',
  'not-a-repository',
  'no-commits',
  'bare-repository',
  'shallow-repository',
  'git-missing',
  'git-too-old',
  'unknown-branch',
  'read-only-folder',
  'git-failed',
  // plans and tasks
  'invalid-plan',
  'dependency-cycle',
  'unknown-dependency',
  'duplicate-task',
  'not-found',
  'wrong-state',
  'stale-token',
  'already-claimed',
  // agents and worker
  'agent-missing',
  'worker-unavailable',
  'limit-reached',
  // services
  'invalid-spec',
  'unknown-secret',
  'unknown-image',
  'wrong-architecture',
  'preflight-failed',
  'engine-unavailable',
  'engine-refused',
  // control plane
  'no-leader',
  'would-stop-writes',
  'node-fenced',
  'outdated-plan',
  // the machine
  'disk-full',
  'folder-in-use',
  'port-taken',
  'unavailable',
  'cancelled',
  'internal',
]);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** An error as it travels. Stacks stay in the host's log under `correlationId`. */
export const contractErrorSchema = z.object({
  code: errorCodeSchema,
  /** What happened, what was kept, what to do: whole sentences for the person. */
  message: z.string(),
  data: z.unknown().optional(),
  retryable: z.boolean(),
  correlationId: z.string(),
});

/** What a call fails with, on both sides of the contract. */
export class GantryError extends Error {
  override readonly name = 'GantryError';
  readonly code: ErrorCode;
  readonly data: unknown;
  readonly retryable: boolean;
  readonly correlationId: string;

  constructor(
    code: ErrorCode,
    message: string,
    options: { data?: unknown; retryable?: boolean; correlationId?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data;
    this.retryable = options.retryable ?? false;
    this.correlationId = options.correlationId ?? '';
  }
}
