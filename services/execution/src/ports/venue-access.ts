import type { Answer, ClockReading, OriginRules, Venue, VenueCapabilities } from '@switchyard/exchanges';

/**
 * The venue, opened when it is first needed: an executor whose accounts are all simulated makes no connection and loads no adapter.
 * `undefined` where no adapter of this venue is installed.
 */
export interface VenueAccess {
  readonly capabilities: VenueCapabilities | undefined;
  /** Where requests would go; what a permit is asked for. */
  readonly origin: string;
  readonly rules: OriginRules;
  open(): Promise<Venue>;
  /** The venue's clock as last measured; measured at most once a minute. Without a reading: no offset, and an error of a minute. */
  clock(): ClockReading;
  /**
   * Whether the first reading is still worth waiting for: an order that is sent without one is, should it be lost, in doubt for a minute
   * longer. False once it is there, or was waited for long enough.
   */
  awaitsClock(): boolean;
  /** Measures the venue's clock: the cheapest question there is, of no account and no order. */
  measure(): Promise<Answer<ClockReading>>;
  /** While this says so, the clock is not measured by itself. */
  holdOff(isHeld: () => boolean): void;
  close(): Promise<void>;
}
