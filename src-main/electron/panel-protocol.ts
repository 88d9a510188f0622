/** `app://gantry/`: the panel's files inside Electron, with the headers that the headless host sends. */
import { protocol, type Session } from 'electron';
import { type PanelResponse, respondWithPanel, textResponse } from '#main/api/serve-panel.ts';
import type { Log } from '#main/ports/log.ts';
import { desktopScheme } from '#shared/contract/connect/port-handover.ts';
import { isPanelUrl } from './navigation-policy.ts';

const scheme = desktopScheme.slice(0, -1);

/** Makes the scheme an origin like `https`. Must be called before the app is ready. */
export function registerPanelScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Answers the scheme's requests from `folder`. */
export function servePanelFiles(session: Session, folder: string, log: Log): void {
  const answer = async ({ url, method }: Request): Promise<PanelResponse> => {
    const isFile = isPanelUrl(url) && (method === 'GET' || method === 'HEAD');
    if (!isFile) return textResponse(404, 'There is no such page.');
    try {
      return await respondWithPanel(folder, new URL(url).pathname);
    } catch (error) {
      log.error('a file of the panel could not be read', { url, detail: String(error) });
      return textResponse(500, 'A file of the panel could not be read. The log has the details.');
    }
  };
  session.protocol.handle(scheme, async (request) => {
    const { status, headers, body } = await answer(request);
    return new Response(new Uint8Array(body), { status, headers });
  });
}
