import { describe, expect, it } from '@jest/globals';
import { comparedNickname, isNickname, isOpaqueString, nicknameOf, opaqueString } from '@musubi/messaging';

describe('a passphrase', () => {
  // RFC 8265 §4.3, and what keyboards differ in.
  it.each([
    ['composed and decomposed', 'Z\u00fcrich \u00e9', 'Zu\u0308rich e\u0301'],
    ['with an Ogham space', 'foo bar', 'foo\u1680bar'],
    ['with a no-break space', 'foo bar', 'foo\u00a0bar'],
    ['in Hangul', '\ud55c\uae00', '\u1112\u1161\u11ab\u1100\u1173\u11af'],
  ])('is one however it is typed: %s', (_, one, other) => {
    expect([opaqueString(other), isOpaqueString(opaqueString(other))]).toEqual([one, true]);
  });

  it.each([
    ['in upper case', 'correct HORSE', 'correct horse'],
    ['in full width', '\uff41\uff42\uff43', 'abc'],
    ['with one more space', 'foo  bar', 'foo bar'],
    ['as a ligature', '\ufb01sh', 'fish'],
  ])('is another %s', (_, one, other) => {
    expect(opaqueString(one)).not.toBe(opaqueString(other));
  });

  it.each([
    ['a line feed', 'a\nb'],
    ['a tab', 'my cat is a \u0009by'],
    ['a zero width space', 'a\u200bb'],
    ['a bidi override', 'a\u202eb'],
    ['a private character', 'a\ue000b'],
    ['a soft hyphen', 'a\u00adb'],
    ['nothing', ''],
  ])('may not hold %s', (_, text) => {
    expect(isOpaqueString(opaqueString(text))).toBe(false);
  });
});

describe('a nickname', () => {
  // RFC 8266 §3, table 1.
  it.each([
    ['  Swan  of   Avon   ', 'Swan of Avon'],
    ['Foo', 'Foo'],
    ['foo ', 'foo'],
    ['Foo\u2001Bar', 'Foo Bar'],
    ['Richard \u2163', 'Richard IV'],
    ['\uff21\uff4e\uff4e\uff41', 'Anna'],
    ['\uff71\uff9d\uff85', 'アンナ'],
    ['Ju\u0308rgen', 'Jürgen'],
  ])('"%s" is kept as "%s"', (typed, kept) => {
    expect([nicknameOf(typed), nicknameOf(kept), isNickname(kept)]).toEqual([kept, kept, true]);
  });

  it.each([
    ['Foo', 'foo'],
    ['JU\u0308RGEN', 'jürgen'],
    ['Σ', 'ς'],
    ['ΟΔΟΣ', 'οδοσ'],
    ['\uff21\uff2e\uff2e\uff21', 'anna'],
    ['Richard \u2163', 'richard iv'],
  ])('"%s" is compared as "%s"', (one, other) => {
    expect(comparedNickname(one)).toBe(comparedNickname(other));
  });

  it.each(['Anna', '★', '😀', '❤️', '👩‍🚀', 'محمد', 'می‌خواهم', 'क्‍ष', '한글', '7', "O'Neil-Smith (home)"])(
    'may be %s',
    (text) => {
      expect(isNickname(nicknameOf(text))).toBe(true);
    },
  );

  it.each([
    ['nothing', ''],
    ['spaces', ' \u3000\u00a0 '],
    ['zero width spaces', '\u200b\u200b'],
    ['joiners', '\u200d\u200c'],
    ['a Hangul filler', '\u3164'],
    ['a blank Braille pattern', '\u2800'],
    ['marks without a letter', '\u0301\u0301'],
    ['a letter and a line feed', 'a\nb'],
    ['a letter and a line separator', 'a\u2028b'],
    ['a letter and a tab', 'a\tb'],
    ['a letter and an escape', 'a\u001bb'],
    ['a letter and a bidi override', 'a\u202eb'],
    ['a letter and a bidi isolate', 'a\u2066b'],
    ['a letter and a right-to-left mark', 'a\u200fb'],
    ['a letter and a zero width space', 'a\u200bb'],
    ['a letter and a byte order mark', 'a\ufeffb'],
    ['a letter and a joiner at the end', 'a\u200d'],
    ['a letter and a tag', 'a\u{e0061}'],
    ['a private character', '\ue000'],
    ['a lone surrogate', '\ud800'],
  ])('may not be %s', (_, text) => {
    expect(isNickname(nicknameOf(text))).toBe(false);
  });
});
