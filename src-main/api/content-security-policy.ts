/**
 * What the panel may do, in the browser and in Electron alike: run and load its own files, and
 * talk to its own host. What agents write is shown in it, so nothing inline ever runs.
 */
const directives = (nonce: string): readonly string[] => [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'self' 'nonce-${nonce}'`,
  // The WebSocket to the host is of the same origin, which 'self' includes since CSP level 3.
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
];

/** The value of the `Content-Security-Policy` header for a page whose style elements carry `nonce`. */
export function contentSecurityPolicy(nonce: string): string {
  return directives(nonce).join('; ');
}
