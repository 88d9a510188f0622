/** Constant load on one address, over kept connections and new ones, that counts every failure. */
import { Agent, request } from 'node:http';

export interface LoadResult {
  readonly requests: number;
  /** What was not answered with 200, and how: a status, or an error's code. */
  readonly failures: readonly string[];
  /** Answers by the replica that gave them. */
  readonly byReplica: ReadonlyMap<string, number>;
}

export interface LoadOptions {
  readonly port: number;
  readonly path?: string;
  readonly host?: string;
  /** Requests at once over connections that are kept. */
  readonly kept: number;
  /** Requests at once, each over a connection of its own. */
  readonly fresh: number;
  readonly method?: 'GET' | 'POST';
  /** From an answer to the next request; at once without it. */
  readonly pauseMs?: number;
}

/** A load under way. */
export interface Load {
  /** How many requests were answered or have failed so far. */
  done(): number;
  /** Waits for the answers that are under way. */
  stop(): Promise<LoadResult>;
}

/** Begins at once. */
export function startLoad(options: LoadOptions): Load {
  const failures: string[] = [];
  const byReplica = new Map<string, number>();
  let requests = 0;
  const stopping = new AbortController();
  const agent = new Agent({ keepAlive: true, maxSockets: options.kept });
  const worker = async (isKept: boolean): Promise<void> => {
    while (!stopping.signal.aborted) {
      const outcome = await ask({ ...options, agent: isKept ? agent : false });
      requests += 1;
      if (outcome.status === 200) byReplica.set(outcome.replica, (byReplica.get(outcome.replica) ?? 0) + 1);
      else failures.push(outcome.failure);
      const { pauseMs } = options;
      if (pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const workers = [
    ...Array.from({ length: options.kept }, () => worker(true)),
    ...Array.from({ length: options.fresh }, () => worker(false)),
  ];
  return {
    done: () => requests,
    async stop() {
      stopping.abort();
      await Promise.all(workers);
      agent.destroy();
      return { requests, failures, byReplica };
    },
  };
}

export interface Answer {
  /** 0 for none. */
  readonly status: number;
  readonly replica: string;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly failure: string;
}

export interface AskOptions {
  readonly port: number;
  readonly path?: string;
  readonly host?: string;
  readonly agent?: Agent | false;
  readonly method?: 'GET' | 'POST';
}

/** One request; an error is an answer too. */
export function ask(options: AskOptions): Promise<Answer> {
  const { port, path = '/', host, agent = false, method = 'GET' } = options;
  return new Promise((resolve) => {
    const fail = (error: Error & { code?: string }): void =>
      resolve({ status: 0, replica: '', text: '', headers: {}, failure: error.code ?? error.message });
    const sent = request(
      { host: '127.0.0.1', port, path, agent, method, headers: host ? { host } : {} },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('error', fail);
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({
            status: statusCode,
            replica: String(headers['x-replica'] ?? ''),
            text,
            headers,
            failure: String(statusCode),
          });
        });
      },
    );
    sent.on('error', fail);
    sent.end(method === 'POST' ? 'x' : undefined);
  });
}
