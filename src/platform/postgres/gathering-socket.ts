import { Socket } from 'node:net';

/**
 * A connection to PostgreSQL that sends what one turn of the event loop writes in one go: BEGIN,
 * the statements issued without waiting and COMMIT then cost one system call (about 10 µs each
 * here). `Socket.connect` puts its own `write` back over any other, so ours comes when it is
 * connected.
 */
export function gatheringSocket(): Socket {
  const socket = new Socket();
  const write = socket.write;
  let gathering = false;
  const gather: typeof write = (...args: [never]) => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      process.nextTick(() => {
        gathering = false;
        socket.uncork();
      });
    }
    return Reflect.apply(write, socket, args);
  };
  socket.once('connect', () => {
    socket.write = gather;
  });
  return socket;
}
