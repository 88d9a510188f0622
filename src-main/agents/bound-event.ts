/** Keeps what an untrusted agent says within the limits that every reader of a journal relies on. */
import { type AgentEvent, agentEventSchema, agentEventTextCharsMax } from '#shared/model/agent-event.ts';

const listItemsMax = 500;
/** All texts of one event together: several of them still fit one frame. */
const eventCharsMax = 4 * agentEventTextCharsMax;

/** Cuts `text` in the middle so that its beginning and its end stay, and says how much is gone. */
export function boundText(text: string, charsMax = agentEventTextCharsMax): string {
  if (text.length <= charsMax) return text;
  const mark = `\n… ${text.length - charsMax} characters left out …\n`;
  const keep = Math.max(0, charsMax - mark.length);
  const head = Math.ceil(keep / 2);
  return text.slice(0, head) + mark + text.slice(text.length - (keep - head));
}

/** The end of `text`, for outputs of which the last lines matter. */
export function boundTail(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `… ${text.slice(text.length - charsMax + 2)}`;
}

/** The event with every text and list bounded; one that breaks the vocabulary becomes `raw`. */
export function boundEvent(event: AgentEvent): AgentEvent {
  const parsed = agentEventSchema.safeParse(bound(event, { chars: eventCharsMax }));
  if (parsed.success) return parsed.data;
  return { type: 'raw', line: boundText(JSON.stringify(event)) };
}

function bound(value: unknown, left: { chars: number }): unknown {
  if (typeof value === 'string') {
    const cut = boundText(value, Math.max(64, Math.min(agentEventTextCharsMax, left.chars)));
    left.chars -= cut.length;
    return cut;
  }
  if (Array.isArray(value)) return value.slice(0, listItemsMax).map((item) => bound(item, left));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bound(item, left)]));
}
