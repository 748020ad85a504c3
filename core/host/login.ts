/**
 * Opens a connection with a password that may be rotated at any time: it is read for every connection, and where the login is refused
 * it is read once more and tried again if it has changed, because it may have been rotated between reading and use.
 * @throws what `connect` throws: the first refusal where the password is still the same
 */
export async function withPassword<Connection>(
  read: () => Promise<string>,
  connect: (password: string) => Promise<Connection>,
  isRefused: (error: unknown) => boolean,
): Promise<Connection> {
  const first = await read();
  try {
    return await connect(first);
  } catch (error) {
    if (!isRefused(error)) throw error;
    const second = await read();
    if (second === first) throw error;
    return connect(second);
  }
}
