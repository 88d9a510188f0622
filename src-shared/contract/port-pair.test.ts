import { describeContractOver } from './conformance.ts';
import { createPortPair } from './port-pair.ts';

describeContractOver('a pair in memory', async () => ({
  async connect() {
    const { near, far } = createPortPair();
    return { clientPort: near, hostPort: far };
  },
  async close() {},
}));
