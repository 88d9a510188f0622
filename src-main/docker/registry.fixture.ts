/** A registry on the loopback, where engines pull without TLS: images, a login, and pulls that cannot be. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const listType = 'application/vnd.docker.distribution.manifest.list.v2+json';

interface Manifest {
  readonly type: string;
  readonly bytes: Buffer;
}

export class TestRegistry {
  readonly #server: Server;
  readonly #blobs = new Map<string, Buffer>();
  /** By `name:tag` and `name:digest`. */
  readonly #manifests = new Map<string, Manifest>();
  /** What a request is to say of who it is; null for a registry that is open to all. */
  readonly #authorization: string | null;
  /** Between the pieces of a layer, so that a pull takes its time. */
  pieceDelayMs = 0;

  private constructor(login: string | null) {
    this.#authorization = login === null ? null : `Basic ${Buffer.from(login).toString('base64')}`;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** `login` is `user:password`, where one is wanted for everything. */
  static async listen(login: string | null = null): Promise<TestRegistry> {
    const registry = new TestRegistry(login);
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  /** How references to it begin. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Puts an image of one layer there; answers its reference. */
  put(name: string, tag: string, root: Buffer, architecture: string): string {
    const layer = gzipSync(root, { level: 1 });
    const config = Buffer.from(
      JSON.stringify({
        architecture,
        os: 'linux',
        created: '2026-01-01T00:00:00Z',
        config: { Cmd: ['sh'], Labels: { from: 'registry' } },
        rootfs: { type: 'layers', diff_ids: [digestOf(root)] },
      }),
    );
    this.#blobs.set(digestOf(layer), layer);
    this.#blobs.set(digestOf(config), config);
    const manifest = {
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', ...described(config) },
      layers: [{ mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', ...described(layer) }],
    };
    return this.#putManifest(name, tag, manifestType, manifest);
  }

  /** Puts a list there in which there is an image for `architecture` alone; answers its reference. */
  putList(name: string, tag: string, root: Buffer, architecture: string): string {
    this.put(name, `${tag}-${architecture}`, root, architecture);
    const manifest = this.#manifests.get(`${name}:${tag}-${architecture}`)?.bytes ?? Buffer.alloc(0);
    const list = {
      schemaVersion: 2,
      mediaType: listType,
      manifests: [{ mediaType: manifestType, ...described(manifest), platform: { architecture, os: 'linux' } }],
    };
    return this.#putManifest(name, tag, listType, list);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #putManifest(name: string, tag: string, type: string, manifest: object): string {
    const bytes = Buffer.from(JSON.stringify(manifest));
    this.#manifests.set(`${name}:${tag}`, { type, bytes });
    this.#manifests.set(`${name}:${digestOf(bytes)}`, { type, bytes });
    return `${this.host}/${name}:${tag}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/?]+)/.exec(path) ?? [];
    if (this.#authorization !== null && request.headers.authorization !== this.#authorization) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"' });
      response.end(problem('UNAUTHORIZED', 'authentication required'));
    } else if (path === '/v2/') {
      response.end('{}');
    } else if (kind === 'manifests') {
      const manifest = this.#manifests.get(`${name}:${reference}`);
      if (manifest === undefined) {
        response.writeHead(404, { 'Content-Type': 'application/json' });
        response.end(problem('MANIFEST_UNKNOWN', 'manifest unknown'));
        return;
      }
      const { type, bytes } = manifest;
      response.writeHead(200, {
        'Content-Type': type,
        'Content-Length': bytes.byteLength,
        'Docker-Content-Digest': digestOf(bytes),
      });
      response.end(request.method === 'HEAD' ? undefined : bytes);
    } else await this.#sendBlob(this.#blobs.get(reference), response);
  }

  async #sendBlob(blob: Buffer | undefined, response: ServerResponse): Promise<void> {
    if (blob === undefined) {
      response.writeHead(404);
      response.end(problem('BLOB_UNKNOWN', 'blob unknown'));
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': blob.byteLength });
    const pieceBytes = 64 * 1_024;
    for (let offset = 0; offset < blob.byteLength && !response.destroyed; offset += pieceBytes) {
      response.write(blob.subarray(offset, offset + pieceBytes));
      if (this.pieceDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.pieceDelayMs));
    }
    response.end();
  }
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function described(bytes: Buffer): { size: number; digest: string } {
  return { size: bytes.byteLength, digest: digestOf(bytes) };
}

function problem(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}
