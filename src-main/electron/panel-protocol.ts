/** `app://gantry/`: the panel's files inside Electron, with the headers that the headless host sends. */
import { protocol, type Session } from 'electron';
import { respondWithPanel, textResponse } from '#main/api/serve-panel.ts';
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
export function servePanelFiles(session: Session, folder: string): void {
  session.protocol.handle(scheme, async (request) => {
    const isFile = isPanelUrl(request.url) && (request.method === 'GET' || request.method === 'HEAD');
    const answer = isFile
      ? await respondWithPanel(folder, new URL(request.url).pathname)
      : textResponse(404, 'There is no such page.');
    return new Response(new Uint8Array(answer.body), { status: answer.status, headers: answer.headers });
  });
}
