/** Certificates that nobody but the test trusts, made by openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
  /** Both, as an edge takes them. */
  readonly pem: string;
}

/** A self-signed certificate for these hosts. */
export function makeCertificate(hosts: readonly string[]): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-certificate-'));
  try {
    const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const names = hosts.map((host) => `DNS:${host}`).join(',');
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...[
          '-subj',
          `/CN=${hosts[0]}`,
          '-addext',
          `subjectAltName=${names}`,
          '-keyout',
          keyFile,
          '-out',
          certificateFile,
        ],
      ],
      { stdio: 'pipe' },
    );
    const [key, certificate] = [readFileSync(keyFile, 'utf8'), readFileSync(certificateFile, 'utf8')];
    return { key, certificate, pem: certificate + key };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
