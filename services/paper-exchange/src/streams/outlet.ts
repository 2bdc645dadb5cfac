import { WebSocket } from 'ws';
import type { Faults, StreamFaultName } from '../core/fault.js';

/** What an outlet needs of a socket. */
export type Speaker = Pick<WebSocket, 'readyState' | 'bufferedAmount' | 'send' | 'terminate'>;

export interface OutletParts {
  readonly path: string;
  readonly faults: Pick<Faults, 'any' | 'strikeStream'>;
  readonly onFault: (fault: StreamFaultName) => void;
  /** Bytes that the reader may be behind. */
  readonly mostBuffered: number;
}

/**
 * Where a conversation's messages leave: lost, spoilt or cut as faults want it. A reader who is too far behind is cut off, and nothing more
 * is kept for him: he begins anew, with the newest.
 */
export const outletTo = (socket: Speaker, { path, faults, onFault, mostBuffered }: OutletParts) => {
  return (text: string, what: 'change' | 'anything'): void => {
    const fault = faults.any ? faults.strikeStream(path, what) : undefined;
    if (fault !== undefined) onFault(fault);
    if (fault === 'stream_silent' || fault === 'stream_gap' || socket.readyState !== WebSocket.OPEN) return;
    if (fault === 'stream_cut' || socket.bufferedAmount > mostBuffered) socket.terminate();
    else socket.send(fault === 'stream_truncated' ? text.slice(0, Math.ceil(text.length / 2)) : text);
  };
};
