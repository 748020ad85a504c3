import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const current = new AsyncLocalStorage<LoginSockets>();

/** Node tells every socket of a client when it is made, in the context of who makes it. */
subscribe('net.client.socket', (message) => {
  if (typeof message === 'object' && message !== null && 'socket' in message) {
    current.getStore()?.add(message.socket as Socket);
  }
});

/**
 * The sockets of one connection of a driver that has no way to end it at once: not while it connects, and afterwards only by asking the
 * server.
 */
export class LoginSockets {
  readonly #sockets = new Set<Socket>();
  #isDestroyed = false;

  /** Runs a login; every socket that it opens is of this connection. */
  run<T>(login: () => Promise<T>): Promise<T> {
    return current.run(this, login);
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Told before it connects, which would bring one back to life that is destroyed already.
    if (this.#isDestroyed) {
      queueMicrotask(() => {
        this.#end(socket);
      });
    }
  }

  /** Ends all of them, and those that are still to come. */
  destroy(): void {
    this.#isDestroyed = true;
    for (const socket of this.#sockets) this.#end(socket);
  }

  /** With an error, because that is what the driver listens for while it connects; here, because it takes its listeners away now and then. */
  #end(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.destroy(new Error('the connection was ended'));
  }
}
