import ts from 'typescript';

/** The source of a file in which each function that is entered first calls `globalThis.entered` with the file's name. */
export function traced(source, name) {
  const call = `globalThis.entered?.(${JSON.stringify(name)})`;
  const inserts = [];
  const visit = (node) => {
    const { body } = node;
    if (ts.isFunctionLike(node) && body !== undefined) {
      if (ts.isBlock(body)) inserts.push([body.getStart(file) + 1, ` ${call};`]);
      else inserts.push([body.getStart(file), `(${call}, `], [body.getEnd(), ')']);
    }
    ts.forEachChild(node, visit);
  };
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  visit(file);
  // From the end, so that places before stay what they are. Of two at one place, the inner one was found later.
  inserts.sort(([a], [b]) => b - a);
  return inserts.reduce((text, [at, words]) => text.slice(0, at) + words + text.slice(at), source);
}
