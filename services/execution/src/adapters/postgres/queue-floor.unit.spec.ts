import { describe, expect, it } from '@jest/globals';
import { QueueFloor } from './queue-floor.js';

const started = (): QueueFloor => {
  const floor = new QueueFloor();
  expect(floor.at(0)).toBe(0);
  return floor;
};

describe('the number from which a queue is read', () => {
  it('is the lowest that was live, once ten seconds of looks have seen none below it', () => {
    const floor = started();
    floor.saw(100, 1_000);
    expect(floor.at(10_900)).toBe(0);
    expect(floor.at(11_000)).toBe(100);
    floor.saw(200, 11_000);
    expect(floor.at(20_900)).toBe(100);
    expect(floor.at(21_000)).toBe(200);
  });

  it('stays below a task that was inserted earlier and committed later', () => {
    const floor = started();
    floor.saw(100, 1_000);
    floor.saw(97, 9_000);
    floor.saw(120, 10_000);
    expect(floor.at(11_000)).toBe(97);
  });

  it('is nought twice a minute: the whole queue is read, whatever was thought of it', () => {
    const floor = started();
    floor.saw(100, 0);
    expect(floor.at(10_000)).toBe(100);
    expect(floor.at(30_000)).toBe(0);
    expect(floor.at(30_001)).toBe(100);
    expect(floor.at(60_000)).toBe(0);
  });
});
