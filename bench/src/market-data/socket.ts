import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** One WebSocket as its server has it, as far as a benchmark needs one: texts, small ones from the client (RFC 6455). */
export interface ServerSocket {
  /** Writes these in one go; resolves when there is room for more. */
  send(texts: readonly string[]): Promise<void>;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const [TEXT, CLOSE, PING, PONG] = [0x1, 0x8, 0x9, 0xa];

export const accept = (
  { headers }: IncomingMessage,
  socket: Duplex,
  hear: (text: string, from: ServerSocket) => void,
): ServerSocket => {
  const key = createHash('sha1')
    .update(`${headers['sec-websocket-key'] ?? ''}${GUID}`)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
  );
  const server: ServerSocket = {
    send: (texts) =>
      new Promise((resolve) => {
        const goOn = (): void => {
          socket.off('drain', goOn).off('close', goOn);
          resolve();
        };
        if (socket.destroyed || socket.write(Buffer.concat(texts.flatMap((text) => frame(TEXT, Buffer.from(text))))))
          resolve();
        else socket.on('drain', goOn).on('close', goOn);
      }),
  };
  let rest = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let read = unframed(rest); read !== undefined; read = unframed(rest)) {
      rest = rest.subarray(read.length);
      if (read.opcode === TEXT) hear(read.payload.toString('utf8'), server);
      else if (read.opcode === PING) socket.write(Buffer.concat(frame(PONG, read.payload)));
      else if (read.opcode === CLOSE) socket.end();
    }
  });
  return server;
};

const frame = (opcode: number, payload: Buffer): readonly Buffer[] => {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return [head, payload];
};

/** The first frame in the bytes, unmasked; `undefined` while it is not whole. */
const unframed = (
  bytes: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly length: number } | undefined => {
  if (bytes.length < 6) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const [size, at] = short < 126 ? [short, 2] : [bytes.length < 8 ? Infinity : bytes.readUInt16BE(2), 4];
  const length = at + 4 + size;
  if (bytes.length < length) return undefined;
  const payload = Buffer.from(bytes.subarray(at + 4, length));
  for (let n = 0; n < size; n += 1) payload[n] = (payload[n] ?? 0) ^ (bytes[at + (n % 4)] ?? 0);
  return { opcode: (bytes[0] ?? 0) & 0xf, payload, length };
};
