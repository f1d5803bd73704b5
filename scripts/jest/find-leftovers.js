/** Far more than the two ends of a connection take to close each other. */
const turnsToClose = 100;

/** So long Jest waits for a worker to end: a timer that runs out before holds nothing up. */
const patienceMs = 500;

/**
 * What this process has open, beyond what it had `before`, and that keeps it alive; each named in a line. Standard
 * streams don't count.
 *
 * Servers and child processes have to be gone. A connection whose other end is gone closes by itself within some turns
 * of the event loop, which waits for nothing but what has happened already: no clock decides.
 */
export async function findLeftovers({ before, timers }) {
  const find = () => process._getActiveHandles().filter((handle) => !before.has(handle) && keepsAlive(handle));
  for (let turn = 0; turn < turnsToClose && find().some(mayClose); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    // Each of these ends by itself, however long it takes.
    if (process._getActiveRequests().length > 0) turn = 0;
  }
  const running = [...timers].filter((timer) => timer.hasRef() && !timer._destroyed && !isOverSoon(timer));
  return [...find().map(describe), ...running.map(describeTimer)];
}

function keepsAlive(handle) {
  if (isChild(handle)) return handle.exitCode === null && handle.signalCode === null;
  return !isStandardStream(handle) && handle.destroyed !== true;
}

const isOverSoon = ({ _repeat, _idleTimeout }) => _repeat === null && _idleTimeout <= patienceMs;
const mayClose = (handle) => !isChild(handle) && handle.listening !== true;

const isChild = (handle) => Array.isArray(handle.spawnargs);
const isStandardStream = ({ fd, _handle }) => [0, 1, 2].includes(fd ?? _handle?.fd);
const isConnection = (handle) => handle.constructor.name.endsWith('Socket');

function describe(handle) {
  if (isChild(handle)) return `child process ${handle.pid}: ${handle.spawnargs.join(' ')}`;
  if (isConnection(handle)) {
    const { localAddress, localPort, remoteAddress, remotePort } = handle;
    return localAddress === undefined
      ? `${handle.constructor.name}: a pipe, perhaps of a child process`
      : `${handle.constructor.name} ${localAddress}:${localPort} to ${remoteAddress}:${remotePort}`;
  }
  const address = handle.listening ? handle.address() : undefined;
  if (address) return `server that listens on ${address.address ?? address}:${address.port ?? ''}`;
  return handle.constructor.name;
}

function describeTimer({ _idleTimeout, _repeat, _onTimeout }) {
  const what = String(_onTimeout).replaceAll(/\s+/g, ' ').slice(0, 100);
  return `timer of ${_idleTimeout} ms${_repeat === null ? '' : ' that repeats'}: ${what}`;
}
