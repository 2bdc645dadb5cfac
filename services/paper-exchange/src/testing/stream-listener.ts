import { until } from '@switchyard/testing';

/** What a venue says on one of its streams, to Node's own WebSocket: no part of the simulator listens to itself. */
export interface StreamListener {
  readonly said: readonly unknown[];
  /** Messages as they came. */
  readonly texts: readonly string[];
  readonly closed: boolean;
  say(what: object | string): void;
  /** The first message that fits, once it has come. */
  first<T>(fits: (message: T) => boolean): Promise<T>;
  close(): void;
}

/** Resolves when the stream is open. @throws where it is refused */
export const listenTo = async (url: string, path: string): Promise<StreamListener> => {
  const socket = new WebSocket(url.replace(/^http/, 'ws') + path);
  const said: unknown[] = [];
  const texts: string[] = [];
  let closed = false;
  socket.addEventListener('message', ({ data }) => {
    texts.push(String(data));
    said.push(parsed(String(data)));
  });
  const ended = new Promise<never>((_, reject) => {
    socket.addEventListener('close', () => {
      closed = true;
      reject(new Error(`${path} is closed`));
    });
    socket.addEventListener('error', () => undefined);
  });
  await Promise.race([
    new Promise((opened) => {
      socket.addEventListener('open', opened);
    }),
    ended,
  ]);
  ended.catch(() => undefined);
  return {
    said,
    texts,
    get closed() {
      return closed;
    },
    say: (what) => {
      socket.send(typeof what === 'string' ? what : JSON.stringify(what));
    },
    first: async <T>(fits: (message: T) => boolean): Promise<T> => {
      await until(() => (said as T[]).some(fits));
      return (said as T[]).find(fits) as T;
    },
    close: () => {
      socket.close();
    },
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};
