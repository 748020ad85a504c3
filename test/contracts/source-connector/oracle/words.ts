/**
 * The suite's SQL in the words of Oracle. It writes keywords in upper case and names in lower case, and expects to find its names as it
 * wrote them: so whatever is in lower case outside of strings and quoted names is a name, which Oracle keeps so only where it is quoted.
 */
export function inOracleWords(sql: string): string {
  return sql
    .replaceAll(PARTS, (part: string, name: string | undefined) => (name === undefined ? part : `"${name}"`))
    .replaceAll(/\bBIGINT\b/g, 'NUMBER(19)');
}

/** A string, a quoted name, a comment; or a name, which is caught. */
const PARTS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\b([a-z_][a-z0-9_]*)\b(?!\()/g;
