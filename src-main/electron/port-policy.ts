/** Who may be handed the contract: the panel's own page in the panel's own window. Pure. */
import { panelOrigin } from './navigation-policy.ts';

/** What is known of who sent a port. */
export interface PortSender {
  readonly webContentsId: number;
  /** False for frames inside the page, and for a page that is gone already. */
  readonly isMainFrame: boolean;
  /** Of the frame; null when it is gone. */
  readonly origin: string | null;
  readonly portCount: number;
}

/** Why the port is refused; null when it is taken. */
export function refusePort(sender: PortSender, panelWebContentsId: number): string | null {
  if (sender.webContentsId !== panelWebContentsId) return 'it comes from another window';
  if (!sender.isMainFrame) return 'it comes from a frame inside the page';
  if (sender.origin !== panelOrigin) return `it comes from ${sender.origin ?? 'a page that is gone'}`;
  if (sender.portCount !== 1) return `it brings ${sender.portCount} ports instead of one`;
  return null;
}
