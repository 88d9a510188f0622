/** Writes to etcd through `etcd3`, the client that a program for Node takes. */
import { Etcd3 } from 'etcd3';
import { runLoad, serveLoad } from './load.ts';

serveLoad(async (order) => {
  const client = new Etcd3({ hosts: `${order.host}:${order.port}` });
  const report = await runLoad(order, async (key, value) => {
    await client.put(key).value(value);
  });
  client.close();
  return report;
});
