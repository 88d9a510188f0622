import type { DraftProblems } from './read-draft.ts';
import type { ServiceDraft } from './service-draft.ts';

/** What there is to choose from. */
export interface KnownNames {
  readonly secrets: readonly string[];
  readonly configs: readonly string[];
  readonly volumes: readonly string[];
  readonly images: readonly string[];
}

/** What each part of the form works on. */
export interface FormPartProps {
  readonly draft: ServiceDraft;
  readonly problems: DraftProblems;
  readonly onChange: (part: Partial<ServiceDraft>) => void;
}
