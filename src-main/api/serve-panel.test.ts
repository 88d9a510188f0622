import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentSecurityPolicy } from './content-security-policy.ts';
import { respondWithPanel } from './serve-panel.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('respondWithPanel', () => {
  let outer: string;
  let folder: string;

  beforeAll(async () => {
    outer = await mkdtemp(join(tmpdir(), 'gantry-panel-'));
    folder = join(outer, 'panel');
    await mkdir(join(folder, 'assets'), { recursive: true });
    await writeFile(join(folder, 'index.html'), '<!doctype html><html><head><title>Gantry</title></head></html>');
    await writeFile(join(folder, 'assets', 'main-1a2b.js'), 'export {};');
    await writeFile(join(folder, 'icon.svg'), '<svg/>');
    await writeFile(join(folder, 'program.exe'), 'x');
    await writeFile(join(outer, 'secret.txt'), 'secret');
    await symlink(join(outer, 'secret.txt'), join(folder, 'link.txt'));
  });

  afterAll(() => rm(outer, { recursive: true }));

  it('serves the page with a new nonce each time, and the policy that names it', async () => {
    const pages = [await respondWithPanel(folder, '/'), await respondWithPanel(folder, '/index.html')];
    const nonces = pages.map(
      (page) => /<head>\s*<meta property="csp-nonce" nonce="([^"]{24})">/.exec(text(page.body))?.[1],
    );
    expect(new Set(nonces).size).toBe(2);
    for (const [index, page] of pages.entries()) {
      expect(page.status).toBe(200);
      expect(page.headers['Content-Security-Policy']).toBe(contentSecurityPolicy(nonces[index] ?? ''));
      expect(page.headers).toMatchObject({
        'Cache-Control': 'no-store',
        'Content-Type': 'text/html; charset=utf-8',
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
      });
    }
  });

  it('lets files named after their content be kept for ever, and others be asked for again', async () => {
    const asset = await respondWithPanel(folder, '/assets/main-1a2b.js');
    expect(asset.headers['Cache-Control']).toBe('public, max-age=31536000, immutable');
    expect(asset.headers['Content-Type']).toBe('text/javascript; charset=utf-8');
    const icon = await respondWithPanel(folder, '/icon.svg');
    expect(icon.headers['Cache-Control']).toBe('no-cache');
    expect(icon.headers['Content-Security-Policy']).toContain("default-src 'none'");
  });

  it.each([
    '/nothing.js',
    '/assets',
    '/assets/',
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/link.txt',
    '/program.exe',
    '/index.html%00.js',
    '/%e0%a4%a',
    'index.html',
    '//etc/passwd',
    '',
  ])('finds nothing at %j', async (path) => {
    const response = await respondWithPanel(folder, path);
    expect(response.status).toBe(404);
    expect(text(response.body)).not.toContain('secret');
  });
});
