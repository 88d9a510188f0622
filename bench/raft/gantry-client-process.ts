/** Writes `setting.put` commands to the leader over one socket. */
import { connect } from 'node:net';
import { once } from 'node:events';
import { FrameReader } from '#main/raft/transport/frame-stream.ts';
import { decodeOutcome, encodeProposal } from '#main/state/proposal.ts';
import { decodeResponse, encodeRequest } from './client-protocol.ts';
import { FrameWriter } from './frame-writer.ts';
import { runLoad, serveLoad } from './load.ts';

serveLoad(async (order) => {
  const socket = connect(order.port, order.host);
  await once(socket, 'connect');
  socket.setNoDelay(true);
  const writer = new FrameWriter(socket);
  const reader = new FrameReader(16 * 1024 * 1024);
  const waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  socket.on('data', (piece: Buffer) => {
    for (const frame of reader.push(piece)) {
      const { id, status, answer } = decodeResponse(frame);
      const request = waiting.get(id);
      waiting.delete(id);
      if (status !== 'applied' || !decodeOutcome<'setting.put'>(answer).ok)
        request?.reject(new Error(`a write was ${status}`));
      else request?.resolve();
    }
  });
  const session = `bench-${process.pid}-${Date.now()}`;
  let sequence = 0;
  const report = await runLoad(order, (key, value) => {
    sequence += 1;
    const id = sequence;
    const command = { kind: 'setting.put', key, value, atMs: Date.now() } as const;
    writer.write(encodeRequest(id, encodeProposal({ session, sequence, command })));
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  });
  socket.destroy();
  return report;
});
