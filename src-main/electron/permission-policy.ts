/** What the panel may ask of the system. Pure. */
import { isPanelUrl } from './navigation-policy.ts';

/** Who asks. */
export interface PermissionAsker {
  /** Its address, or its origin. */
  readonly url: string;
  readonly isMainFrame: boolean;
}

/**
 * Whether it is granted: the panel's page may put text on the clipboard, which Chromium lets it do
 * only on a person's click or key. Nothing else, to nobody else.
 */
export function isGranted(permission: string, asker: PermissionAsker): boolean {
  return permission === 'clipboard-sanitized-write' && asker.isMainFrame && isPanelUrl(asker.url);
}
