import {
  VENUES,
  openVenue,
  type Answer,
  type ClockReading,
  type Credentials,
  type OriginRules,
  type Venue,
  type VenueName,
} from '@switchyard/exchanges';
import type { VenueAccess } from '../ports/venue-access.js';

const REMEASURE_MS = 60_000;
/** After a question that was not answered, this long until the next. */
const MEASURE_AGAIN_MS = 5_000;
/** Orders wait so long for the first reading once the adapter is loaded, and no longer. */
const FIRST_READING_MS = 2_000;
/** Before the first reading: nothing is known of the venue's clock but that it is not a minute off. */
const UNMEASURED: ClockReading = { venueTimeMs: 0, offsetMs: 0, errorMs: 60_000, roundTripMs: 0 };

export interface OpenedVenueOptions {
  readonly venue: string;
  /** `SWITCHYARD_VENUE_<NAME>_URL`; absent: the venue's own. */
  readonly origin: string | undefined;
  /** The deployment's own key, for venues that tell their listings to customers only. */
  readonly credentials?: Credentials | undefined;
  readonly rules: Omit<OriginRules, 'venue'>;
  /** From a call to the last byte of its answer; default 10 s. */
  readonly deadlineMs?: number;
}

/** The venue through @switchyard/exchanges, opened at first use. */
export class OpenedVenue implements VenueAccess {
  readonly capabilities: VenueAccess['capabilities'];
  readonly origin: string;
  readonly rules: OriginRules;
  readonly #name: string;
  #opened: Promise<Venue> | undefined;
  #reading = UNMEASURED;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #askAt = Number.NEGATIVE_INFINITY;
  #awaitedUntil = Number.POSITIVE_INFINITY;
  #isHeld: () => boolean = () => false;
  readonly #deadlineMs: number | undefined;
  readonly #credentials: Credentials | undefined;

  constructor({ venue, origin, credentials, rules, deadlineMs }: OpenedVenueOptions) {
    this.#credentials = credentials;
    this.#deadlineMs = deadlineMs;
    this.#name = venue;
    this.capabilities = isInstalled(venue) ? VENUES[venue].capabilities : undefined;
    const origins = this.capabilities?.origins ?? { live: '', testnet: null };
    this.origin = origin ?? origins.live;
    this.rules = { ...rules, venue: origins };
  }

  open(): Promise<Venue> {
    this.#opened ??= this.#load();
    return this.#opened;
  }

  clock(): ClockReading {
    const now = performance.now();
    if (now - this.#measuredAt > REMEASURE_MS && now >= this.#askAt && !this.#isHeld()) {
      this.#askAt = now + MEASURE_AGAIN_MS;
      // Whoever opens the venue for an order meets the same error, and reports it.
      this.measure().catch(() => undefined);
    }
    return this.#reading;
  }

  awaitsClock(): boolean {
    if (this.#measuredAt > 0) return false;
    this.clock();
    return !this.#isHeld() && performance.now() < this.#awaitedUntil;
  }

  holdOff(isHeld: () => boolean): void {
    this.#isHeld = isHeld;
  }

  async close(): Promise<void> {
    const venue = await this.#opened?.catch(() => undefined);
    await venue?.close();
  }

  async #load(): Promise<Venue> {
    const name = this.#name;
    if (!isInstalled(name)) throw new Error(`there is no adapter for the venue ${name}`);
    const transport = this.#deadlineMs === undefined ? {} : { deadlineMs: this.#deadlineMs };
    const credentials = this.#credentials === undefined ? {} : { credentials: this.#credentials };
    return openVenue(name, { origin: this.origin, transport, ...credentials });
  }

  async measure(): Promise<Answer<ClockReading>> {
    const venue = await this.open().finally(() => {
      this.#awaitedUntil = Math.min(this.#awaitedUntil, performance.now() + FIRST_READING_MS);
    });
    const answer = await venue.marketData.serverTime();
    if (answer.kind === 'answered') {
      this.#reading = answer.value;
      this.#measuredAt = performance.now();
    }
    return answer;
  }
}

const isInstalled = (venue: string): venue is VenueName => Object.hasOwn(VENUES, venue);
