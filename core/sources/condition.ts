/**
 * Why a text cannot stand in parentheses after WHERE; null where it can, as far as its outer form tells.
 * `opaque` matches what is no part of a condition's structure in the source's SQL: quoted texts, quoted names, comments.
 */
export function conditionFault(where: string, opaque: RegExp): string | null {
  const bare = where.replace(opaque, ' ');
  if (bare.trim() === '') return 'it is empty';
  if (/['"]/.test(bare)) return 'a quote is not closed';
  if (/\/\*|\*\//.test(bare)) return 'a comment is not closed';
  if (bare.includes(';')) return 'it holds a semicolon';
  let depth = 0;
  for (const character of bare) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth < 0) return 'it closes a parenthesis that it did not open';
  }
  return depth === 0 ? null : 'a parenthesis is not closed';
}

/** The condition as it stands in a statement; a comment at its end cannot swallow the parenthesis. */
export function conditionSql(where: string): string {
  return `(${where}\n)`;
}
