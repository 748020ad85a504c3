import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { LoginSockets } from './login-sockets.ts';

it.each(['before it is made', 'while it connects'])('ends a socket whose login is given up %s', async (when) => {
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new LoginSockets();
  if (when === 'before it is made') sockets.destroy();
  const made: Socket[] = [];
  const closed = sockets.run(async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    made.push(socket);
    return new Promise((resolve) => socket.once('close', resolve));
  });
  if (when === 'while it connects') sockets.destroy();
  await closed;
  expect(made.map(({ destroyed }) => destroyed)).toEqual([true]);
  server.close();
  await once(server, 'close');
});
