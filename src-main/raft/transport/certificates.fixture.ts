/** Certificates for tests, made by the openssl program. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsIdentity } from './tcp-transport.ts';

/** Whether openssl can be run. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** An authority and a certificate for each common name, signed by it. */
export function makeCertificates(names: readonly string[]): Map<string, TlsIdentity> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-certificates-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...given: string[]): void => {
    execFileSync('openssl', given, { stdio: 'pipe' });
  };
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    openssl(
      'req',
      '-x509',
      ...curve,
      '-keyout',
      at('ca.key'),
      '-out',
      at('ca.pem'),
      '-subj',
      '/CN=test-authority',
      '-days',
      '2',
    );
    writeFileSync(at('extensions'), 'extendedKeyUsage=serverAuth,clientAuth\n');
    const ca = readFileSync(at('ca.pem'), 'utf8');
    return new Map(
      names.map((name) => {
        openssl('req', ...curve, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', `/CN=${name}`);
        const signing = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('extensions')];
        openssl('x509', '-req', '-in', at(`${name}.csr`), ...signing, '-out', at(`${name}.pem`), '-days', '2');
        const key = readFileSync(at(`${name}.key`), 'utf8');
        return [name, { key, cert: readFileSync(at(`${name}.pem`), 'utf8'), ca }];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
