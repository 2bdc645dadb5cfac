import type { ClockReading } from '../instruments.js';

/** The venue's clock as last measured, shared by all of its accounts; requests are signed with it. Before the first reading it is ours. */
export class VenueClock {
  #offsetMs = 0;

  /** Milliseconds since the epoch at the venue. */
  nowMs(): number {
    return Math.round(Date.now() + this.#offsetMs);
  }

  /**
   * A reading between two moments of our clock, placed at their midpoint: the error is at most half the round trip. A venue that tells
   * its time in whole steps (`stepMs`, cut down) may be anywhere within one: it is taken for the middle, and half a step adds to the error.
   */
  read(toldMs: number, askedAtMs: number, roundTripMs: number, stepMs = 0): ClockReading {
    const venueTimeMs = toldMs + stepMs / 2;
    this.#offsetMs = venueTimeMs - (askedAtMs + roundTripMs / 2);
    return { venueTimeMs, offsetMs: this.#offsetMs, errorMs: (roundTripMs + stepMs) / 2, roundTripMs };
  }
}
