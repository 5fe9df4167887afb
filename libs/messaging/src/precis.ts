/**
 * What a person types twice is one text, whatever keyboard or system wrote it: the PRECIS profiles (RFC 8264) that this
 * project uses, over the Unicode tables of the JavaScript engine. Contextual rules (CONTEXTO) are left out: they keep
 * identifiers apart that look alike, and nicknames are no identifiers.
 */

const OTHER_SPACE = /\p{Zs}/gu;

/** FreeformClass (RFC 8264 §4.3) leaves these out, and so do both profiles. */
const DISALLOWED =
  /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Noncharacter_Code_Point}]/u;
/** Old Hangul jamo that no normalization composes. */
const OLD_HANGUL_JAMO = /[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/u;

/** Joiners and variation selectors belong to a letter or an emoji before them; joiners also to one after them. */
const JOINED =
  /(?<=[\p{L}\p{M}\p{So}\p{Emoji}\ufe0f])(?:[\u200c\u200d](?=[\p{L}\p{So}\p{Emoji}])|[\ufe0e\ufe0f])/gu;

/** All but marks, separators and what shows as blank although it is a symbol. */
const VISIBLE = /(?!\u2800)[\p{L}\p{N}\p{P}\p{S}]/u;

/** A passphrase by the OpaqueString profile (RFC 8265 §4.2): spaces of any kind are U+0020, then NFC. Nothing else changes. */
export function opaqueString(text: string): string {
  return text.replace(OTHER_SPACE, ' ').normalize('NFC');
}

/** Whether a text that `opaqueString` made holds only what FreeformClass allows. */
export function isOpaqueString(text: string): boolean {
  return text !== '' && !DISALLOWED.test(text) && !OLD_HANGUL_JAMO.test(text);
}

/** Normalizing may make new spaces or new text to normalize; RFC 8266 §2.1 asks for repeats until nothing changes. */
const MOST_REPEATS = 4;

/** A nickname by the Nickname profile (RFC 8266 §2.3): single spaces, none at the ends, NFKC; its case stays. */
export function nicknameOf(text: string): string {
  let nickname = text;
  for (let repeat = 0; repeat < MOST_REPEATS; repeat += 1) {
    const next = nickname.replace(OTHER_SPACE, ' ').replace(/ +/g, ' ').trim().normalize('NFKC');
    if (next === nickname) return nickname;
    nickname = next;
  }
  return nickname;
}

/** Whether a text that `nicknameOf` made shows something, and nothing in it is invisible or turns the text around. */
export function isNickname(text: string): boolean {
  const bare = text.replace(JOINED, '');
  return VISIBLE.test(bare) && !DISALLOWED.test(bare) && !OLD_HANGUL_JAMO.test(bare);
}

/** What two nicknames are compared by (RFC 8266 §2.4). A sigma at the end of a word is the one within a longer word. */
export function comparedNickname(text: string): string {
  return nicknameOf(nicknameOf(text).toLowerCase()).replaceAll('ς', 'σ');
}
