import { createHash } from 'node:crypto';

/** Keys at which hashes of text have gone wrong before: little or nothing, what looks like something else, beyond ASCII, very long. */
const PECULIAR = [
  ...['', ' ', '  ', '\t', '\n', '\0', '0', '00', '-', '.', '"', "'", '\\', '{}', 'null', 'undefined', 'true', 'NaN'],
  ...['\u200b', '\ufeff', '\u2028', '\u0085', 'é', 'e\u0301', 'ß', 'SS', 'ı', 'İ', 'Ω', 'ж', 'ק', 'ع', 'ไ', '中', '한'],
  ...['😀', '👩‍👩‍👧‍👦', '🏴‍☠️', '𝔘𝔰𝔢𝔯', '用户-四十二', 'пользователь-42', 'χρήστης', 'user\u202e24', '\uffff', '\u{10ffff}'],
  ...['user-42', 'USER-42', 'user-42 ', ' user-42', 'a@b.example', 'firm/desk:7+x', '42', '-42', '1e3', '0x2a'],
  ...[127, 128, 129, 1_000, 4_096].flatMap((length) => ['x'.repeat(length), 'ü'.repeat(length)]),
];

/** Different user ids, always the same ones: peculiar ones first, then plain ones of every length from 1 to 64 bytes. */
export const manyUserIds = (count: number): readonly string[] => {
  const ids = new Set(PECULIAR);
  for (let n = 0; ids.size < count; n += 1) ids.add(digest(n).slice(0, 1 + (n % 64)));
  return [...ids].slice(0, count);
};

const digest = (n: number): string => createHash('sha256').update(String(n)).digest('hex');
