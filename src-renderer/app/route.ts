import type { ComponentType, LazyExoticComponent } from 'react';
import type { IconName } from '../ui/icon/Icon.tsx';

/**
 * A view of the navigation. A feature declares its own in `features/<name>/route.ts`, as the
 * export `route`; the view itself is loaded when it is first shown.
 */
export interface Route {
  readonly id: string;
  /** One word, in the rail. */
  readonly title: string;
  readonly icon: IconName;
  /** Where it stands in the rail, from the top. */
  readonly order: number;
  /** "g l". */
  readonly shortcut: string;
  readonly view: LazyExoticComponent<ComponentType>;
  /** What stands at the end of its line in the rail: a `Badge`, or a `span` of class `plain`. */
  readonly Count?: ComponentType;
}
