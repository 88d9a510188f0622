/**
 * The panel's files as responses, for the headless host's HTTP and for Electron's `app://`
 * alike: the page with a fresh nonce and its policy, everything else from one folder and
 * nowhere else.
 */
import { randomBytes } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { contentSecurityPolicy } from './content-security-policy.ts';

/** A whole response. */
export interface PanelResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** On every response, whatever it is. */
const securityHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** A short answer in words, such as a refusal. */
export function textResponse(status: number, text: string): PanelResponse {
  return {
    status,
    headers: {
      ...securityHeaders,
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
    },
    body: new TextEncoder().encode(`${text}\n`),
  };
}

/**
 * Answers for the file at `path`, the still encoded path of a URL, in `folder`. `/` is the
 * page. Files that a build names after their content may be kept for ever, the page never.
 */
export async function respondWithPanel(folder: string, path: string): Promise<PanelResponse> {
  const file = await findFile(folder, path === '/' ? '/index.html' : path);
  const contentType = file === null ? undefined : contentTypes[extname(file)];
  if (file === null || contentType === undefined) return textResponse(404, 'There is no such file.');
  const content = await readFile(file);
  if (file.endsWith('.html')) return pageResponse(content.toString('utf8'));
  return {
    status: 200,
    headers: {
      ...securityHeaders,
      // Also an image or style that is opened by itself runs nothing.
      'Content-Security-Policy': "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
      'Content-Type': contentType,
      'Cache-Control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    },
    body: content,
  };
}

/** The page reads the nonce from this element for the styles that its libraries add. */
function pageResponse(html: string): PanelResponse {
  const nonce = randomBytes(18).toString('base64');
  const page = html.replace(/<head(\s[^>]*)?>/, (head) => `${head}\n    <meta property="csp-nonce" nonce="${nonce}">`);
  return {
    status: 200,
    headers: {
      ...securityHeaders,
      'Content-Security-Policy': contentSecurityPolicy(nonce),
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
    },
    body: new TextEncoder().encode(page),
  };
}

/** The real path of a file inside `folder`; null when there is none, or when it is elsewhere. */
async function findFile(folder: string, encodedPath: string): Promise<string | null> {
  const path = decodePath(encodedPath);
  if (path === null) return null;
  try {
    const root = await realpath(folder);
    const file = await realpath(join(root, path));
    return file.startsWith(root + sep) ? file : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function decodePath(encodedPath: string): string | null {
  let path: string;
  try {
    path = decodeURIComponent(encodedPath);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
  const isPlain = path.startsWith('/') && !/[\0\\]/.test(path) && !path.split('/').includes('..');
  return isPlain ? path : null;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
