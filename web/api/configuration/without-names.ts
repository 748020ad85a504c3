/** The mapping without some of its names. */
export function withoutNames<Value>(
  mapping: Readonly<Record<string, Value>>,
  names: readonly string[],
): Record<string, Value> {
  return Object.fromEntries(Object.entries(mapping).filter(([name]) => !names.includes(name)));
}
