/**
 * Writes to etcd over one HTTP/2 connection with the two fields of a `PutRequest` encoded by
 * hand: what the server itself can do, without the cost of a gRPC library for Node.
 */
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { runLoad, serveLoad } from './load.ts';

const headers = {
  [constants.HTTP2_HEADER_METHOD]: 'POST',
  [constants.HTTP2_HEADER_PATH]: '/etcdserverpb.KV/Put',
  [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
  [constants.HTTP2_HEADER_TE]: 'trailers',
};

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** A gRPC message: one byte for "not compressed", four of length, then the fields `key` (1) and `value` (2). */
function encodePut(key: string, value: string): Buffer {
  const field = (number: number, text: string): Buffer => {
    const bytes = Buffer.from(text);
    return Buffer.concat([Buffer.from([(number << 3) | 2, ...varint(bytes.byteLength)]), bytes]);
  };
  const message = Buffer.concat([field(1, key), field(2, value)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

serveLoad(async (order) => {
  const session = connect(`http://${order.host}:${order.port}`);
  await once(session, 'connect');
  const report = await runLoad(
    order,
    (key, value) =>
      new Promise((resolve, reject) => {
        const stream = session.request(headers);
        let status: unknown;
        stream.on('response', (answer) => {
          status = answer['grpc-status'];
        });
        stream.on('trailers', (trailers) => {
          status = trailers['grpc-status'];
        });
        stream.on('error', reject);
        stream.on('end', () => (status === '0' ? resolve() : reject(new Error(`etcd answered ${String(status)}`))));
        stream.resume();
        stream.end(encodePut(key, value));
      }),
  );
  session.destroy();
  return report;
});
