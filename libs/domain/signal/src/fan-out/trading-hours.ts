import type { Subscription } from '@switchyard/model';

type Hours = NonNullable<Subscription['hours']>;

/** Whether a moment lies in one of the windows, by the clock of the zone. A window over midnight belongs to the day on which it begins. */
export const isWithinHours = (hours: Hours, timeZone: string, now: Date): boolean => {
  const { day, minute } = localTime(timeZone, now);
  const yesterday = day === 1 ? 7 : day - 1;
  return hours.some(({ days, from, to }) => {
    const [begins, ends] = [minuteOf(from), minuteOf(to)];
    if (ends > begins) return days.includes(day) && minute >= begins && minute < ends;
    return (days.includes(day) && minute >= begins) || (days.includes(yesterday) && minute < ends);
  });
};

/** `day`: 1 is Monday. Zones that nobody knows are UTC. */
export const localTime = (timeZone: string, now: Date): { readonly day: number; readonly minute: number } => {
  const parts = Object.fromEntries(
    clockOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  return {
    day: DAYS.indexOf(parts['weekday'] ?? '') + 1,
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
};

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** Making one costs as much as a thousand uses. */
const clocks = new Map<string, Intl.DateTimeFormat>();

const clockOf = (timeZone: string): Intl.DateTimeFormat => {
  let clock = clocks.get(timeZone);
  if (clock === undefined) clocks.set(timeZone, (clock = newClock(timeZone) ?? UTC));
  return clock;
};

const newClock = (timeZone: string): Intl.DateTimeFormat | undefined => {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    return undefined;
  }
};

const UTC = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
