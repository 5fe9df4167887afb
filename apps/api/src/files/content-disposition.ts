/** RFC 8187 §3.2.1: what an extended value spells as it is. */
const NOT_ATTRIBUTE = /[^A-Za-z0-9!#$&+.^_`|~-]/g;
/** Some clients turn a percent sign around, and a quote ends the name. */
const NOT_PLAIN = /[^\x20-\x7e]|["%\\]/g;

/** `attachment` with a file name (RFC 6266 appendix D): a plain one for old clients, and the exact one. */
export function attachment(name: string): string {
  const exact = [...new TextEncoder().encode(name)]
    .map((byte) => String.fromCharCode(byte).replace(NOT_ATTRIBUTE, percent))
    .join('');
  return `attachment; filename="${name.replace(NOT_PLAIN, '_')}"; filename*=UTF-8''${exact}`;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
