/** Permission requests of an agent: put before the person, or answered by what they allowed for the lane. */
import type { RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';
import { fail, ok, type Result } from '#shared/base/result.ts';
import type { AgentEvent, PermissionOption } from '#shared/model/agent-event.ts';
import type { AcpUpdates } from './acp-updates.ts';

interface OpenRequest {
  readonly options: readonly PermissionOption[];
  /** What "allow for lane" would allow: all tool calls of this kind. */
  readonly toolKind: string;
  readonly respond: (response: RequestPermissionResponse) => void;
}

export class AcpPermissions {
  readonly #emit: (event: AgentEvent) => void;
  readonly #updates: AcpUpdates;
  readonly #allowedForLane: Set<string>;
  readonly #open = new Map<string, OpenRequest>();
  #count = 0;

  constructor(updates: AcpUpdates, allowedForLane: Set<string>, emit: (event: AgentEvent) => void) {
    this.#updates = updates;
    this.#allowedForLane = allowedForLane;
    this.#emit = emit;
  }

  /** Resolves once the request is answered or void. */
  ask(request: RequestPermissionRequest): Promise<RequestPermissionResponse> {
    this.#updates.flush();
    const tool = this.#updates.learn(request.toolCall);
    this.#count += 1;
    const requestId = `permission-${this.#count}`;
    const options = request.options.map(({ optionId, name, kind }) => ({
      optionId,
      name,
      kind: kind.replace('_', '-') as PermissionOption['kind'],
    }));
    this.#emit({ type: 'permission', requestId, title: tool.title, command: tool.command, options });
    return new Promise((respond) => {
      this.#open.set(requestId, { options, toolKind: tool.kind, respond });
      const allow = this.#allowedForLane.has(tool.kind)
        ? options.find((option) => option.kind.startsWith('allow'))
        : null;
      if (allow) this.#settle(requestId, allow.optionId);
    });
  }

  answer(requestId: string, optionId: string, forLane: boolean): Result<null, string> {
    const request = this.#open.get(requestId);
    const option = request?.options.find((candidate) => candidate.optionId === optionId);
    if (!request || !option) return fail('The agent did not offer this answer.');
    if (forLane && option.kind.startsWith('allow')) this.#allowedForLane.add(request.toolKind);
    this.#settle(requestId, optionId);
    return ok(null);
  }

  /** The turn was broken off: what was asked is void. */
  cancelAll(): void {
    for (const requestId of this.#open.keys()) this.#settle(requestId, null);
  }

  #settle(requestId: string, optionId: string | null): void {
    const request = this.#open.get(requestId);
    if (!request) return;
    this.#open.delete(requestId);
    const option = request.options.find((candidate) => candidate.optionId === optionId);
    this.#emit({
      type: 'permission-resolved',
      requestId,
      optionId,
      allowed: option?.kind.startsWith('allow') ?? false,
    });
    request.respond({ outcome: optionId === null ? { outcome: 'cancelled' } : { outcome: 'selected', optionId } });
  }
}
