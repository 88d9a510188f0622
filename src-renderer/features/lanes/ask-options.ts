import type { LaneAsk } from '#shared/contract/views.ts';
import type { PermissionOption } from '#shared/model/agent-event.ts';

/** One button of a request. */
export interface AskChoice {
  readonly label: string;
  readonly optionId: string;
  readonly forLane: boolean;
  readonly primary: boolean;
  readonly shortcut: 'y' | 'n' | null;
}

/**
 * The buttons of a request: Allow (Y), Allow for lane, Deny (N). An agent that offers several
 * options of one kind gets a button for each, under the agent's own words.
 */
export function askChoices(ask: LaneAsk): readonly AskChoice[] {
  const ofKind = (...kinds: PermissionOption['kind'][]): PermissionOption[] =>
    ask.options.filter((option) => kinds.includes(option.kind));
  const once = ofKind('allow-once');
  const always = ofKind('allow-always');
  const deny = ofKind('reject-once', 'reject-always');
  if (once.length > 1 || always.length > 1 || ofKind('reject-once').length > 1) return ask.options.map(byItsName);
  const choices: AskChoice[] = [];
  const allow = once[0] ?? always[0];
  if (allow !== undefined) {
    choices.push({ label: 'Allow', optionId: allow.optionId, forLane: false, primary: true, shortcut: 'y' });
    const lasting = always[0] ?? allow;
    choices.push({
      label: 'Allow for lane',
      optionId: lasting.optionId,
      forLane: true,
      primary: false,
      shortcut: null,
    });
  }
  if (deny[0] !== undefined) {
    choices.push({ label: 'Deny', optionId: deny[0].optionId, forLane: false, primary: false, shortcut: 'n' });
  }
  return choices;
}

function byItsName(option: PermissionOption, at: number): AskChoice {
  return { label: option.name, optionId: option.optionId, forLane: false, primary: at === 0, shortcut: null };
}
